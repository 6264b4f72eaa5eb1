import { judgeCause, type LiveCondition } from '../cause.ts';
import { defineCheck } from '../check.ts';
import { awaitsServer } from '../entry.ts';
import type { EdgeFunction } from '../evidence.ts';
import { provisionChangedAt, provisionFunctionIn, provisionSlug } from '../provision-function.ts';
import { mapReading } from '../reading.ts';

interface Facts {
  /** `answered`: the gateway said so when this order was to be provisioned; the project itself was not seen so. */
  readonly seen: 'absent' | 'removed' | 'answered';
}

export const functionNotDeployed = defineCheck({
  id: 'function-not-deployed',
  code: 'PRV-001',
  stage: 'provisioning',
  role: 'cause',
  severity: 'critical',
  title: 'The provisioning function is not deployed',
  on: ['order'],
  needs: [],
  uses: ['functions', 'executions'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate({ functions, executions }, { order }, moment) {
    return judgeCause<Facts, 'not-deployed'>({
      order,
      moment,
      executions,
      kinds: ['not-deployed'],
      live: mapReading(functions, liveCondition),
      factsOf: () => ({ seen: 'answered' }),
      changedAt: provisionChangedAt(functions),
    });
  },
  explain: ({ seen }) => ({
    what: whatBySeen[seen],
    why: 'Nothing else makes servers out of paid orders: every order stops here.',
    next: `Deploy ${provisionSlug}, then retry the order.`,
  }),
  tellCustomer: () =>
    'Your order has reached us. We are repairing something on our side before your server can be created; you do not need to do anything.',
  remediation: 'retry-provisioning',
});

const whatBySeen: Readonly<Record<Facts['seen'], string>> = {
  absent: `The function ${provisionSlug} is not among the functions of this project.`,
  removed: `The function ${provisionSlug} has been removed from this project.`,
  answered: `When this order was to be provisioned, the answer was that ${provisionSlug} is not deployed.`,
};

function liveCondition(functions: readonly EdgeFunction[]): LiveCondition<Facts> {
  const provision = provisionFunctionIn(functions);
  const ref = { kind: 'function', slug: provisionSlug } as const;
  if (provision === null) {
    const text = `${provisionSlug} is not among the ${functions.length} functions of the project`;
    return { present: true, facts: { seen: 'absent' }, evidence: [{ source: 'logs', at: null, text, ref }] };
  }
  const text = `${provisionSlug} has status ${provision.status}; it was deployed last then`;
  return {
    present: provision.status === 'REMOVED',
    facts: { seen: 'removed' },
    evidence: [{ source: 'logs', at: provision.updatedAt, text, ref }],
  };
}
