import { judgeCause, type LiveCondition } from '../cause.ts';
import { defineCheck } from '../check.ts';
import { inWords } from '../duration.ts';
import { awaitsServer, hasFailed } from '../entry.ts';
import { known, type Reading } from '../reading.ts';

interface Facts {
  /** Whether it was seen at the bot's own request, now. */
  readonly seenNow: boolean;
  readonly retryAfterMs: number | null;
}

export const panelRateLimited = defineCheck({
  id: 'panel-rate-limited',
  code: 'PRV-007',
  stage: 'provisioning',
  role: 'cause',
  severity: 'warning',
  title: "The panel's rate limit was reached",
  on: ['order'],
  needs: [],
  uses: ['panelAccess', 'executions'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate({ panelAccess, executions }, { order }, moment) {
    return judgeCause<Facts, 'panel-rate-limited'>({
      order,
      moment,
      executions,
      kinds: ['panel-rate-limited'],
      live: liveCondition(panelAccess, hasFailed(order, moment)),
      factsOf: () => ({ seenNow: false, retryAfterMs: null }),
    });
  },
  explain: ({ seenNow, retryAfterMs }) => ({
    what: seenNow
      ? `The panel turns requests away because there are too many${retryAfterMs === null ? '' : `; it takes them again in ${inWords(retryAfterMs)}`}.`
      : 'The panel answered the provisioning function with 429: too many requests within a minute.',
    why: "The limit counts all keys of one panel user together, so another program's requests can use it up for everybody.",
    next: 'Wait a minute and retry the order; when it comes back, give the function a panel user of its own or raise the limit in the panel.',
  }),
  tellCustomer: () =>
    'Your order has reached us. Very many requests came in at the same time; we are looking after it and you do not need to do anything.',
  remediation: 'retry-provisioning',
});

/** The bot may be counted under another panel user than the function: what it meets is likely, not proven, for both. */
function liveCondition(panelAccess: Reading<'answers'>, failed: boolean): Reading<LiveCondition<Facts>> {
  if (panelAccess.kind === 'known') {
    return known({
      present: false,
      facts: { seenNow: false, retryAfterMs: null },
      evidence: [{ source: 'pterodactyl', at: null, text: 'The panel answers the bot now', ref: null }],
    });
  }
  const { failure } = panelAccess;
  if (failure.kind !== 'rate-limited' || !failed) return panelAccess;
  return known({
    present: true,
    confidence: 'likely',
    facts: { seenNow: true, retryAfterMs: failure.retryAfterMs },
    evidence: [{ source: 'pterodactyl', at: null, text: 'The panel limits the rate of the bot now', ref: null }],
  });
}
