import { defineCheck, found, passed } from '../check.ts';
import { inWords } from '../duration.ts';
import { awaitsServer, statusAgeMs } from '../entry.ts';
import type { FunctionExecution, Order } from '../evidence.ts';
import { describeFailure } from '../failure.ts';
import { statusEvidence } from '../order-evidence.ts';
import { leavesTrace } from '../order-log.ts';
import type { EvidenceItem, Reading } from '../reading.ts';

interface Facts {
  readonly ageMs: number;
  readonly failedAt: Date;
  readonly logs: LogState;
}

/** What became of looking for the reason in the function logs. */
type LogState = 'read' | 'silent' | 'not-configured' | 'unreadable';

export const errorUnexplained = defineCheck({
  id: 'error-unexplained',
  code: 'ORD-009',
  stage: 'order',
  role: 'symptom',
  severity: 'warning',
  title: 'In error, and nothing says why',
  on: ['order'],
  needs: ['order'],
  uses: ['executions'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate({ order, executions }, _subject, moment) {
    if (order.status !== 'error') return passed;
    const logs = logStateOf(order, executions);
    return found<Facts>({
      facts: { ageMs: statusAgeMs(order, moment), failedAt: order.updatedAt, logs },
      confidence: 'confirmed',
      evidence: [statusEvidence(order), logEvidenceOf(logs, executions)],
    });
  },
  explain: ({ ageMs, failedAt, logs }) => ({
    what: `The order has been in "error" for ${inWords(ageMs)}, and nothing that could be read says why.`,
    why: 'The table keeps no reason for a failure: only the function logs of that minute hold it.',
    next: nextStep(logs, failedAt),
  }),
  tellCustomer: () => 'Making your server did not work, and we are finding out why. You do not need to do anything.',
  remediation: 'retry-provisioning',
  shown: 'last-resort',
});

function logStateOf(order: Order, executions: Reading<readonly FunctionExecution[]>): LogState {
  if (executions.kind === 'known') return leavesTrace(order, executions.value) ? 'read' : 'silent';
  return executions.failure.kind === 'not-configured' ? 'not-configured' : 'unreadable';
}

function logEvidenceOf(logs: LogState, executions: Reading<readonly FunctionExecution[]>): EvidenceItem {
  const text =
    executions.kind === 'unknown'
      ? `Function logs not read: ${describeFailure(executions.failure)}`
      : logs === 'read'
        ? 'The function logs hold a run of this order and no reason'
        : 'The function logs hold no run of this order';
  return { source: 'logs', at: null, text, ref: { kind: 'function-logs' } };
}

function nextStep(logs: LogState, failedAt: Date): string {
  const minute = `${failedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  switch (logs) {
    case 'not-configured':
      return (
        'Give the bot access to the function logs (SUPABASE_ACCESS_TOKEN), so that the reason can be read; ' +
        `until then look at the logs of servers-provision around ${minute} in the Supabase dashboard.`
      );
    case 'unreadable':
      return `Ask again once the function logs can be read, or look at those around ${minute} in the Supabase dashboard.`;
    case 'silent':
      return (
        `Look at the logs of servers-provision and stripe-webhook around ${minute} in the Supabase dashboard; ` +
        'where they are kept no longer, retry provisioning and read the new reason.'
      );
    case 'read':
      return `Look at the logs of servers-provision around ${minute} in the Supabase dashboard, then retry provisioning.`;
  }
}
