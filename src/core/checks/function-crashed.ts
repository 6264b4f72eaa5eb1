import { judgeLogged } from '../cause.ts';
import { defineCheck, found, type Outcome } from '../check.ts';
import { awaitsServer, hasFailed } from '../entry.ts';
import type { FunctionExecution, Order } from '../evidence.ts';
import { isNearRun, lastFailureOf } from '../order-log.ts';
import type { ProvisionFailure } from '../provision-failure.ts';
import { provisionChangedAt, provisionSlug } from '../provision-function.ts';

type Limit = Extract<ProvisionFailure, { kind: 'crashed' }>['limit'];

interface Facts {
  readonly limit: Limit;
}

export const functionCrashed = defineCheck({
  id: 'function-crashed',
  code: 'PRV-006',
  stage: 'provisioning',
  role: 'cause',
  severity: 'critical',
  title: 'The provisioning function crashed or hit its limits',
  on: ['order'],
  needs: [],
  uses: ['executions', 'functions'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate({ executions, functions }, { order }, moment) {
    const changedAt = provisionChangedAt(functions);
    const logged = judgeLogged<Facts, 'crashed'>({
      order,
      moment,
      executions,
      kinds: ['crashed'],
      factsOf: ({ limit }) => ({ limit }),
      changedAt,
    });
    if (logged.kind !== 'passed' || executions.kind === 'unknown' || !hasFailed(order, moment)) return logged;
    return silentCrash(order, executions.value, changedAt) ?? logged;
  },
  explain: ({ limit }) => ({
    what: whatByLimit[limit],
    why: 'It was cut off in the middle: a server may or may not have been made, and the order was not told.',
    next: nextByLimit[limit],
  }),
  tellCustomer: () =>
    'Your order has reached us. Creating your server was interrupted; we are looking into it and you do not need to do anything.',
  remediation: 'retry-provisioning',
});

const whatByLimit: Readonly<Record<Limit, string>> = {
  crash: 'The provisioning function crashed with an error that it did not handle.',
  boot: 'The provisioning function does not start.',
  time: 'The provisioning function ran out of time before it had an answer.',
  resources: 'The provisioning function used more CPU time or memory than it is allowed.',
};

const nextByLimit: Readonly<Record<Limit, string>> = {
  crash: 'Read its log for the error, look in the panel for a server of this order, then retry.',
  boot: 'Deploy a version that starts (a wrong import or a syntax error is the usual reason), then retry the order.',
  time: 'See whether the panel and its nodes answer slowly, look in the panel for a server of this order, then retry.',
  resources:
    'Look in the panel for a server of this order, then retry; when it comes back, the function does too much.',
};

const limitByStatus: ReadonlyMap<number, Limit> = new Map([
  [500, 'crash'],
  [503, 'boot'],
  [504, 'time'],
  [546, 'resources'],
]);

const limitByCode: Readonly<Record<string, Limit>> = {
  WORKER_ERROR: 'crash',
  BOOT_ERROR: 'boot',
  IDLE_TIMEOUT: 'time',
  WORKER_RESOURCE_LIMIT: 'resources',
  WORKER_LIMIT: 'resources',
};

/** A run that fits the order in time and broke off without a word of its own. It names no order, so it is likely only. */
function silentCrash(
  order: Order,
  executions: readonly FunctionExecution[],
  changedAt: Date | null,
): Outcome<Facts> | null {
  if (lastFailureOf(order, executions) !== null) return null;
  const run = executions
    .filter((candidate) => isNearRun(order, candidate) && limitOf(candidate) !== null)
    .toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime())
    .at(-1);
  const limit = run === undefined ? null : limitOf(run);
  if (run === undefined || limit === null) return null;
  return found<Facts>({
    facts: { limit },
    confidence: 'likely',
    standing: changedAt !== null && changedAt > run.startedAt ? 'cleared' : 'unseen',
    evidence: [
      {
        source: 'logs',
        at: run.startedAt,
        text: `A run of ${provisionSlug} ended with ${run.status ?? 'no status'} and without an error of its own`,
        ref: { kind: 'function-logs' },
      },
    ],
  });
}

function limitOf(run: FunctionExecution): Limit | null {
  const texts = run.lines.map((line) => line.text.trim());
  if (texts.some((text) => text.startsWith('Server provisioning error'))) return null;
  const coded = texts.flatMap((text) => limitByCode[/^[A-Z_]+\b/.exec(text)?.[0] ?? ''] ?? []).at(-1);
  return coded ?? limitByStatus.get(run.status ?? 0) ?? null;
}
