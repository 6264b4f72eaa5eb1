import { judgeCause, type LiveCondition } from '../cause.ts';
import { defineCheck } from '../check.ts';
import { awaitsServer } from '../entry.ts';
import type { FunctionSecret } from '../evidence.ts';
import { mapReading, type Reading } from '../reading.ts';

interface Facts {
  /** Names of the missing secrets; empty when only the log line is known. */
  readonly missing: readonly string[];
}

/** What the function reaches the panel with. */
const panelSecretNames = ['PANEL_URL', 'PTERO_APP_KEY'];

export const functionUnconfigured = defineCheck({
  id: 'function-unconfigured',
  code: 'PRV-002',
  stage: 'provisioning',
  role: 'cause',
  severity: 'critical',
  title: 'The provisioning function has no panel address or key',
  on: ['order'],
  needs: [],
  uses: ['settings', 'executions'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate({ settings, executions }, { order }, moment) {
    const secrets = mapReading(settings, (known) => known.secrets);
    return judgeCause<Facts, 'unconfigured'>({
      order,
      moment,
      executions,
      kinds: ['unconfigured'],
      live: mapReading(secrets, liveCondition),
      factsOf: () => ({ missing: [] }),
      changedAt: changedAt(secrets),
    });
  },
  explain: ({ missing }) => ({
    what:
      missing.length === 0
        ? 'The provisioning function said that it was given no panel address or no panel key.'
        : `The functions lack ${missing.length === 1 ? 'the secret' : 'the secrets'} ${missing.join(' and ')}.`,
    why: 'Without both the provisioning function cannot ask the panel for a server, for any customer.',
    next: `Set ${(missing.length === 0 ? panelSecretNames : missing).join(' and ')} in the secrets of the functions, then retry the order.`,
  }),
  tellCustomer: () =>
    'Your order has reached us. We are completing something on our side before your server can be created; you do not need to do anything.',
  remediation: 'retry-provisioning',
});

function liveCondition(secrets: readonly FunctionSecret[]): LiveCondition<Facts> {
  const missing = panelSecretNames.filter((name) => secrets.every((secret) => secret.name !== name));
  return {
    present: missing.length > 0,
    facts: { missing },
    evidence: panelSecretNames.map((name) => ({
      source: 'logs',
      at: null,
      text: missing.includes(name) ? `${name} is not among the functions' secrets` : `${name} is set`,
      ref: { kind: 'function-secrets' },
    })),
  };
}

function changedAt(secrets: Reading<readonly FunctionSecret[]>): Date | null {
  if (secrets.kind === 'unknown') return null;
  const changes = secrets.value
    .filter((secret) => panelSecretNames.includes(secret.name))
    .flatMap((secret) => (secret.updatedAt === null ? [] : [secret.updatedAt]));
  return changes.toSorted((a, b) => a.getTime() - b.getTime()).at(-1) ?? null;
}
