import { judgeCause, type LiveCondition } from '../cause.ts';
import { defineCheck } from '../check.ts';
import { awaitsServer, hasFailed } from '../entry.ts';
import type { FunctionExecution, Order } from '../evidence.ts';
import { describeFailure, type UpstreamFailure } from '../failure.ts';
import { lastFailureOf } from '../order-log.ts';
import { secretChangedAt } from '../provision-function.ts';
import { known, type Reading } from '../reading.ts';

interface Facts {
  /** What the provisioning function met, by this order's log. */
  readonly logged: Logged | null;
  /** What the bot meets now; `null` when it reaches the panel or could not tell. */
  readonly botMeets: UpstreamFailure | null;
}

type Logged = { readonly kind: 'no-answer'; readonly status: number | null } | { readonly kind: 'not-api' };

export const panelUnreachable = defineCheck({
  id: 'panel-unreachable',
  code: 'PRV-005',
  stage: 'provisioning',
  role: 'cause',
  severity: 'critical',
  title: 'The panel cannot be reached',
  on: ['order'],
  needs: [],
  uses: ['panelAccess', 'executions', 'settings'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate({ panelAccess, executions, settings }, { order }, moment) {
    const logged = loggedOf(order, executions);
    return judgeCause<Facts, 'panel-unreachable' | 'panel-not-api'>({
      order,
      moment,
      executions,
      kinds: ['panel-unreachable', 'panel-not-api'],
      live: liveCondition(panelAccess, logged, hasFailed(order, moment)),
      factsOf: () => ({ logged, botMeets: null }),
      changedAt: secretChangedAt(settings, 'PANEL_URL'),
    });
  },
  explain: ({ logged, botMeets }) => ({
    what: [logged === null ? null : describeLogged(logged), botMeets === null ? null : describeBot(botMeets)]
      .filter((sentence) => sentence !== null)
      .join(' '),
    why: 'While the panel does not answer as a panel, no server can be created.',
    next: 'Bring the panel back, or correct PANEL_URL of the functions, then retry the order.',
  }),
  tellCustomer: () =>
    'Your order has reached us. The system that creates servers is not available at the moment; we are looking after it and you do not need to do anything.',
  remediation: 'retry-provisioning',
});

/** The bot is elsewhere on the network than the function: that it meets nobody is likely, not proven, to hold for both. */
function liveCondition(
  panelAccess: Reading<'answers'>,
  logged: Logged | null,
  failed: boolean,
): Reading<LiveCondition<Facts>> {
  if (panelAccess.kind === 'known') {
    const text = 'The panel answers the bot now';
    return known({
      present: false,
      facts: { logged, botMeets: null },
      evidence: [{ source: 'pterodactyl', at: null, text, ref: null }],
    });
  }
  const { failure } = panelAccess;
  switch (failure.kind) {
    case 'credentials-rejected':
    case 'not-permitted':
    case 'request-refused': {
      const text = `The bot reaches the panel now: ${describeFailure(failure)}`;
      return known({
        present: false,
        facts: { logged, botMeets: null },
        evidence: [{ source: 'pterodactyl', at: null, text, ref: null }],
      });
    }
    case 'unreachable':
    case 'timed-out':
    case 'upstream-broken':
    case 'unexpected-shape':
      if (!failed) return panelAccess;
      return known({
        present: true,
        confidence: 'likely',
        facts: { logged, botMeets: failure },
        evidence: [{ source: 'pterodactyl', at: null, text: describeBot(failure), ref: null }],
      });
    default:
      return panelAccess;
  }
}

function loggedOf(order: Order, executions: Reading<readonly FunctionExecution[]>): Logged | null {
  const failure = executions.kind === 'known' ? lastFailureOf(order, executions.value)?.failure : undefined;
  if (failure?.kind === 'panel-unreachable') return { kind: 'no-answer', status: failure.status };
  return failure?.kind === 'panel-not-api' ? { kind: 'not-api' } : null;
}

function describeLogged(logged: Logged): string {
  if (logged.kind === 'not-api')
    return 'What answered the provisioning function at PANEL_URL is not the API of a panel.';
  return logged.status === null
    ? 'The provisioning function could not reach the panel.'
    : `The provisioning function got ${logged.status} instead of an answer of the panel.`;
}

function describeBot(failure: UpstreamFailure): string {
  return `From where the bot runs: ${describeFailure(failure)}`;
}
