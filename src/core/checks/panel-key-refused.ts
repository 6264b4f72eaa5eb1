import { judgeCause, type LiveCondition } from '../cause.ts';
import { defineCheck } from '../check.ts';
import { awaitsServer } from '../entry.ts';
import type { FunctionSettings } from '../evidence.ts';
import { refusesKey } from '../failure.ts';
import { holdsFunctionsKey, secretChangedAt } from '../provision-function.ts';
import { known, type Reading, unknown } from '../reading.ts';

interface Facts {
  /** HTTP status the panel answered the function with; `null` when it was seen with the bot's equal key. */
  readonly status: number | null;
}

export const panelKeyRefused = defineCheck({
  id: 'panel-key-refused',
  code: 'PRV-003',
  stage: 'provisioning',
  role: 'cause',
  severity: 'critical',
  title: "The panel refuses the function's key",
  on: ['order'],
  needs: [],
  uses: ['panelAccess', 'settings', 'executions'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate({ panelAccess, settings, executions }, { order }, moment) {
    return judgeCause<Facts, 'panel-key-refused'>({
      order,
      moment,
      executions,
      kinds: ['panel-key-refused'],
      live: liveCondition(panelAccess, settings),
      factsOf: ({ status }) => ({ status }),
      changedAt: secretChangedAt(settings, 'PTERO_APP_KEY'),
    });
  },
  explain: ({ status }) => ({
    what:
      status === null
        ? 'The panel refuses the key that the provisioning function uses (the bot holds the same one).'
        : `The panel answered the provisioning function with ${status}: it refuses the function's key.`,
    why: 'Without a key that the panel accepts no server can be created, for any customer.',
    next: 'Create a new application key in the panel, set it as PTERO_APP_KEY of the functions, then retry the order.',
  }),
  tellCustomer: () => 'Your order is paid. We are repairing something on our side before your server can be created.',
  remediation: 'retry-provisioning',
});

/** The bot's own access speaks for the function's only where both hold the same key, which their digests tell. */
function liveCondition(
  panelAccess: Reading<'answers'>,
  settings: Reading<FunctionSettings>,
): Reading<LiveCondition<Facts>> {
  if (settings.kind === 'unknown') return settings;
  if (!holdsFunctionsKey(settings)) {
    return unknown({ source: 'logs', kind: 'not-provided', what: "a look through the function's own key" });
  }
  if (panelAccess.kind === 'known') return known({ present: false, facts: { status: null }, evidence: [] });
  const { failure } = panelAccess;
  if (!refusesKey(failure)) return panelAccess;
  // A valid key may be refused for the address it is used from, and the bot's is not the function's.
  const isInvalid = failure.kind === 'credentials-rejected';
  return known({
    present: true,
    confidence: isInvalid ? 'confirmed' : 'likely',
    facts: { status: null },
    evidence: [
      {
        source: 'pterodactyl',
        at: null,
        text: `The panel refuses this key ${isInvalid ? '' : 'everything '}now; its digest is the one of the function's PTERO_APP_KEY`,
        ref: { kind: 'function-secrets' },
      },
    ],
  });
}
