import { APP_ID, BOT_USER_ID, type State, TEAM_ID } from './state.ts';
import type { Parcel, Receipt, Transport } from './delivery.ts';
import type { Json } from './shape.ts';

/** An event as it was sent, with every attempt. */
export interface SentEvent {
  readonly id: string;
  /** The subscription it belongs to, for example `message.im`. */
  readonly subscription: string;
  readonly event: Json;
  readonly attempts: Receipt[];
}

/** Sends events to the app: https://docs.slack.dev/apis/events-api */
export interface Events {
  readonly sent: readonly SentEvent[];
  /** Sends an event if the app subscribed to it; resolves with the first attempt, null when not subscribed. */
  send(subscription: string, event: Json, isShared?: boolean): Promise<SentEvent | null>;
  /** Sends an event once more, as Slack does when it lost the acknowledgement. */
  repeat(sent: SentEvent): Promise<Receipt>;
  /** Forgets what was sent. */
  forget(): void;
  stop(): void;
}

const SCOPE_OF: Readonly<Record<string, string>> = { 'message.im': 'im:history', app_mention: 'app_mentions:read' };

export function createEvents(state: State, transport: Transport, retryAfterMs: readonly number[]): Events {
  const sent: SentEvent[] = [];
  const timers = new Set<NodeJS.Timeout>();

  const attempt = async (one: SentEvent, isShared: boolean, retry: Parcel['retry']): Promise<Receipt> => {
    const payload = {
      token: 'legacy-token',
      team_id: TEAM_ID,
      context_team_id: TEAM_ID,
      context_enterprise_id: null,
      api_app_id: APP_ID,
      event: one.event,
      type: 'event_callback',
      event_id: one.id,
      event_time: Math.floor(state.clock.now() / 1000),
      authorizations: [
        { enterprise_id: null, team_id: TEAM_ID, user_id: BOT_USER_ID, is_bot: true, is_enterprise_install: false },
      ],
      is_ext_shared_channel: isShared,
    };
    const receipt = await transport.deliver({ kind: 'events_api', payload, retry });
    one.attempts.push(receipt);
    const delayMs = retryAfterMs[retry?.attempt ?? 0];
    if (receipt.retryReason !== null && delayMs !== undefined) {
      const next = { attempt: (retry?.attempt ?? 0) + 1, reason: receipt.retryReason };
      const timer = setTimeout(() => {
        timers.delete(timer);
        void attempt(one, isShared, next);
      }, delayMs);
      timers.add(timer);
    }
    return receipt;
  };

  return {
    sent,
    async send(subscription, event, isShared = false) {
      const scope = SCOPE_OF[subscription];
      if (!state.app.botEvents.includes(subscription)) return null;
      if (scope !== undefined && !state.grantedScopes.has(scope)) return null;
      if (scope !== undefined) state.usedScopes.add(scope);
      const one = { id: state.nextId('Ev'), subscription, event, attempts: [] };
      sent.push(one);
      await attempt(one, isShared, null);
      return one;
    },
    repeat: (one) => attempt(one, false, { attempt: one.attempts.length, reason: 'http_timeout' }),
    forget() {
      sent.length = 0;
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
