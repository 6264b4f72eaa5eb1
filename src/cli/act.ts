import { userInfo } from 'node:os';
import { askQuestion, type ActionEnd, type Conversation, runAction, showProgress } from '../adapters/terminal/index.ts';
import type { ActionSubject } from '../core/act.ts';
import type { Action } from '../core/action.ts';
import { actions } from '../core/actions/index.ts';
import type { Actor } from '../core/actor.ts';
import { parseQuery } from '../core/query.ts';
import { Ending, exits } from './ending.ts';
import { withMerchant } from './merchant.ts';
import { complain, print, printCard } from './output.ts';
import { withStore } from './own-store.ts';

export interface ActInput {
  readonly action: string;
  /** The id of an order, or of a paid checkout. */
  readonly subject: string;
  readonly isAgreed: boolean;
  readonly reason: string | null;
}

const exitOf: Readonly<Record<ActionEnd, number>> = {
  applied: exits.fine,
  'not-applied': exits.failed,
  undecided: exits.undecided,
  unasked: exits.usage,
};

/** `pterodoc retry` and `pterodoc act`. */
export async function act(input: ActInput): Promise<void> {
  const action = actionNamed(input.action);
  const subject = subjectNamed(input.subject, action);
  if (action.asksForReason === true && input.reason === null) {
    throw new Ending(exits.usage, `"${action.id}" asks for a reason: add --reason "…".`);
  }
  await withMerchant((config) =>
    withStore(config, async (store) => {
      const { assemble, assembleActions } = await import('../main.ts');
      const forget = onInterrupt();
      try {
        const end = await runAction({
          request: { action: action.id, subject, actor: personAtTerminal(), reason: input.reason },
          engine: assembleActions(config, store),
          links: assemble(config, store).links,
          conversation: ownConversation(),
          isAgreed: input.isAgreed,
        });
        return exitOf[end];
      } finally {
        forget();
      }
    }),
  );
}

function actionNamed(name: string): Action {
  const action = actions.find(({ id }) => id === name);
  if (action !== undefined) return action;
  const width = Math.max(...actions.map(({ id }) => id.length));
  const list = actions.map(({ id, label }) => `  ${id.padEnd(width)}  ${label}`);
  throw new Ending(exits.usage, ['There is no such action. These are:', ...list].join('\n'));
}

const subjectWords = {
  order: 'the id of an order',
  session: 'the id of a paid checkout without an order (cs_…)',
} as const;

function subjectNamed(typed: string, { id, on }: Action): ActionSubject {
  const query = parseQuery(typed);
  const subject: ActionSubject | null = !query.ok
    ? null
    : query.value.kind === 'order'
      ? { kind: 'order', id: query.value.orderId }
      : query.value.kind === 'stripe' && query.value.object === 'session'
        ? { kind: 'session', id: query.value.id }
        : null;
  if (subject !== null && on.includes(subject.kind)) return subject;
  const wanted = (['order', 'session'] as const).filter((kind) => on.includes(kind)).map((kind) => subjectWords[kind]);
  throw new Ending(exits.usage, `"${id}" needs ${wanted.join(', or ')}. "pterodoc status <who>" shows it.`);
}

/** Whoever has the shell has the keys, too. */
function personAtTerminal(): Actor {
  const name = nameOfUser();
  return { surface: 'terminal', id: name, name, role: 'admin' };
}

function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a user id that has no name.
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}

function ownConversation(): Conversation {
  let hasShown = false;
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  return {
    show(card) {
      // The plan comes first, what became of it later.
      if (hasShown) print('');
      printCard(card);
      hasShown = true;
    },
    note: complain,
    ask: isTerminal
      ? (question) => askQuestion(`\n${question}`, { input: process.stdin, output: process.stdout })
      : null,
    progress: (words) => showProgress(words),
    hasProgressLine: process.stderr.isTTY,
  };
}

/** Ctrl-C while something is under way: what was begun stays recorded, and the next one to come looks what became of it. */
function onInterrupt(): () => void {
  const leave = (): void => {
    complain(
      '\nInterrupted. What was begun is recorded: the same command looks what became of it and never acts twice.',
    );
    process.exit(exits.undecided);
  };
  process.once('SIGINT', leave);
  return () => process.off('SIGINT', leave);
}
