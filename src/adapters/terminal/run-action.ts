import {
  type ActionEngine,
  type ActionRequest,
  factsDigest,
  followClaim,
  performAction,
  type Performed,
  prepareAction,
  type Progress,
  type Refusal,
  watchClaims,
} from '../../core/act.ts';
import type { Action, Plan } from '../../core/action.ts';
import type { Card } from '../../core/card.ts';
import type { ActionAbout } from '../../core/cards/action-about.ts';
import { type OutcomeAbout, outcomeCard, refusalCard } from '../../core/cards/outcome-card.ts';
import { planCard } from '../../core/cards/plan-card.ts';
import type { ActionId } from '../../core/check.ts';
import type { ClaimRecord, OutcomeKind } from '../../core/claim.ts';
import { cleanForeignText } from '../../core/foreign-text.ts';
import type { Links } from '../../core/links.ts';
import { succeed } from '../../core/result.ts';
import { commandFor } from './command-line.ts';
import type { Progress as ProgressLine } from './progress.ts';

/** How the terminal talks with the person before it. */
export interface Conversation {
  show(card: Card): void;
  /** One line beside the answer. */
  note(line: string): void;
  /** `null`: nobody is there to be asked. */
  readonly ask: ((question: string) => Promise<string | null>) | null;
  /** A line that says what is being waited for, where such a line can be seen. */
  progress(words: string): ProgressLine;
  /** False: what a progress line would say is noted instead, as far as it has ended. */
  readonly hasProgressLine: boolean;
}

export interface ActionRun {
  readonly request: ActionRequest;
  readonly engine: ActionEngine;
  readonly links: Links;
  readonly conversation: Conversation;
  /** The person has agreed beforehand. */
  readonly isAgreed: boolean;
}

/** How it ended: verified; refused or not achieved; not known; nobody could be asked. */
export type ActionEnd = 'applied' | 'not-applied' | 'undecided' | 'unasked';

/** Between two looks after what other processes left behind. */
const watchEveryMs = 5000;

/** Shows what would be done, asks, does it, and tells what was seen afterwards. */
export async function runAction(run: ActionRun): Promise<ActionEnd> {
  const { request, engine, conversation } = run;
  const looking = conversation.progress('Looking at it and at everything it depends on');
  const prepared = await prepareAction(request, engine).finally(() => looking.end());
  if (prepared.kind === 'refused') return tellRefusal(prepared, run);
  const { actor, reason } = request;
  conversation.show(planCard(prepared, { ...aboutOf(request.action, run), actor, reason }));
  const agreement = run.isAgreed ? 'yes' : await askToAgree(run);
  if (agreement === 'unasked') {
    conversation.note('Nothing was done: nobody can be asked here. Run it on a terminal, or add --yes.');
    return 'unasked';
  }
  if (agreement === 'no') {
    conversation.note('Nothing was done.');
    return 'not-applied';
  }
  // What was agreed to is what stood on the card: where the facts have changed since, nothing is done.
  const offered = { digest: factsDigest(prepared.entry), use: async () => succeed(true) };
  const end = await followed(run, prepared.plan, (observe) => performAction({ ...request, offered }, engine, observe));
  return end.kind === 'refused' ? tellRefusal(end, run) : tellOutcome(end, run);
}

async function askToAgree({ request, engine, conversation: { ask } }: ActionRun): Promise<'yes' | 'no' | 'unasked'> {
  if (ask === null) return 'unasked';
  const answer = await ask('Do it? [y/N] ');
  if (!/^\s*y(?:es)?\s*$/i.test(answer ?? '')) return 'no';
  if (actionOf(request.action, engine).asksTwice !== true) return 'yes';
  const word = request.subject.id.slice(0, 8);
  const again = await ask(`It cannot be undone. Type ${word} to go on: `);
  return again?.trim().toLowerCase() === word.toLowerCase() ? 'yes' : 'no';
}

/** An attempt that nobody follows is followed here, whoever began it: asking again never acts twice. */
async function tellRefusal(refusal: Refusal, run: ActionRun): Promise<ActionEnd> {
  const { conversation, engine, request } = run;
  const { claim } = refusal;
  const plan = claim === null || claim.isHeld ? null : planOf(claim, engine);
  if (claim !== null && plan !== null) {
    conversation.note('An earlier attempt is not decided yet: it is watched, and nothing new is begun.');
    const performed = await followed(run, plan, (observe) => followClaim(claim, engine, observe));
    if (performed !== null) return tellOutcome(performed, run);
  }
  conversation.show(refusalCard(refusal, outcomeAboutOf(request.action, run)));
  return claim !== null && !claim.isHeld ? 'undecided' : 'not-applied';
}

/** `null`: another version of this program began it, and this one cannot tell what it was. */
function planOf({ action: name, target }: ClaimRecord, { actions }: ActionEngine): Plan | null {
  const action = actions.find(({ id }) => id === name);
  try {
    return action?.plan(target) ?? null;
  } catch {
    return null;
  }
}

function tellOutcome(performed: Performed, run: ActionRun): ActionEnd {
  run.conversation.show(outcomeCard(performed, outcomeAboutOf(performed.claim.action, run)));
  return endOf(performed.outcome.kind);
}

function endOf(outcome: OutcomeKind): ActionEnd {
  return outcome === 'pending' || outcome === 'unknown' ? 'undecided' : outcome;
}

/** Shows how it goes, and meanwhile looks after what other processes left behind. */
async function followed<T>(
  { engine, conversation }: ActionRun,
  plan: Plan,
  work: (observe: (progress: Progress) => void) => Promise<T>,
): Promise<T> {
  const line = conversation.progress('Looking at it once more');
  const ending = new AbortController();
  let watch: Promise<void> | null = null;
  let noted = 0;
  try {
    return await work((progress) => {
      // From here on the own claim is held, so that this watch leaves it alone.
      if (progress.phase !== 'examining') watch ??= watchClaims(engine, watchEveryMs, ending.signal);
      line.show(progressWords(progress, plan));
      const { ended } = progress;
      if (!conversation.hasProgressLine) {
        for (const { name, end } of ended.slice(noted)) {
          conversation.note(cleanForeignText(`${labelOf(name, plan)}: ${end.words}`, longestNote));
        }
      }
      noted = Math.max(noted, ended.length);
    });
  } finally {
    line.end();
    ending.abort();
    await watch;
  }
}

const longestNote = 400;

function progressWords({ phase, step, ended, seen }: Progress, plan: Plan): string {
  if (phase === 'examining') return 'Looking at it once more';
  if (seen !== null) return `Watching: ${seen}`;
  if (step !== null)
    return `Step ${ended.length + 1} of ${Math.max(plan.steps.length, ended.length + 1)}: ${labelOf(step, plan)}`;
  return ended.at(-1)?.end.words ?? 'Beginning';
}

function labelOf(name: string, { steps }: Plan): string {
  return steps.find((step) => step.name === name)?.label ?? name.replaceAll('-', ' ');
}

function actionOf(id: ActionId, { actions }: ActionEngine): Action {
  const action = actions.find((one) => one.id === id);
  if (action === undefined) throw new Error(`there is no action ${id}`);
  return action;
}

function aboutOf(id: ActionId, { request, engine, links }: ActionRun): ActionAbout {
  return {
    action: actionOf(id, engine),
    subject: request.subject,
    links,
    emails: 'full',
    madeAt: engine.clock.now(),
  };
}

function outcomeAboutOf(id: ActionId, run: ActionRun): OutcomeAbout {
  const { subject } = run.request;
  return {
    ...aboutOf(id, run),
    lookAgain: `pterodoc status ${subject.id}`,
    goOn: `${commandFor(id, subject)} goes on watching and never acts twice. So does any pterodoc that runs.`,
  };
}
