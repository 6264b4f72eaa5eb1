import { Stripe } from 'stripe';
import type { WorldClock } from '../clock.ts';
import type { IdSource } from './ids.ts';
import type { StripeEvent, WebhookEndpoint } from './shapes.ts';
import type { DeliveryRecord, StripeState } from './state.ts';

/** How long Stripe goes on trying in live mode: https://docs.stripe.com/webhooks#automatic-retries */
const RETRIED_FOR_S = 3 * 24 * 3600;
const MAX_RECORDED_BODY = 10_000;

/** Records events and brings them to the endpoints. */
export interface Outbox {
  /** Records the event for the enabled endpoints that listen to it now; delivers it unless `deliver` is false. */
  publish(
    type: string,
    object: { readonly livemode?: boolean },
    options?: { readonly deliver?: boolean | undefined; readonly previous?: object },
  ): Promise<StripeEvent>;
  /** Tries again what is still pending, oldest first, as Stripe does for three days. */
  redeliverPending(): Promise<void>;
  /** Sends an event once more to every enabled endpoint that listens to it, as "Resend" in the Dashboard does. */
  resend(eventId: string): Promise<void>;
}

/** How patient the account is; it can be changed at any time. */
export interface DeliverySettings {
  timeoutMs: number;
}

/** The outbox of one account. */
export function createOutbox(parts: {
  readonly state: StripeState;
  readonly clock: WorldClock;
  readonly ids: IdSource;
  readonly settings: DeliverySettings;
}): Outbox {
  const { state, clock, ids, settings } = parts;

  /** Tries every enabled endpoint that has not confirmed the event. */
  async function deliver(event: StripeEvent): Promise<void> {
    const waiting = state.undelivered.get(event.id) ?? new Set<string>();
    await Promise.all(
      [...waiting].map(async (endpointId) => {
        const endpoint = state.endpoints.get(endpointId);
        const secret = state.endpointSecrets.get(endpointId);
        if (endpoint?.status !== 'enabled' || secret === undefined) return;
        const record = await attempt(event, endpoint, secret, clock.now(), settings.timeoutMs);
        state.deliveries.push(record);
        if (record.status !== null && record.status >= 200 && record.status < 300) waiting.delete(endpointId);
      }),
    );
    event.pending_webhooks = waiting.size;
  }

  return {
    async publish(type, object, options = {}) {
      const livemode = object.livemode ?? false;
      const listening = [...state.endpoints.values()].filter((endpoint) => isListening(endpoint, type, livemode));
      const event: StripeEvent = {
        id: ids('evt'),
        object: 'event',
        api_version: state.apiVersion,
        created: Math.floor(clock.now() / 1000),
        data: {
          object: structuredClone(object),
          ...(options.previous === undefined ? {} : { previous_attributes: options.previous }),
        },
        livemode,
        pending_webhooks: listening.length,
        request: { id: null, idempotency_key: null },
        type,
      };
      state.events.set(event.id, event);
      state.undelivered.set(event.id, new Set(listening.map((endpoint) => endpoint.id)));
      if (options.deliver ?? true) await deliver(event);
      return event;
    },
    async redeliverPending() {
      const since = Math.floor(clock.now() / 1000) - RETRIED_FOR_S;
      for (const event of state.events.values()) {
        if (event.pending_webhooks > 0 && event.created >= since) await deliver(event);
      }
    },
    async resend(eventId) {
      const event = state.events.get(eventId);
      if (event === undefined) throw new Error(`The sandbox's Stripe has no ${eventId}`);
      const waiting = state.undelivered.get(eventId) ?? new Set<string>();
      for (const endpoint of state.endpoints.values()) {
        if (isListening(endpoint, event.type, event.livemode)) waiting.add(endpoint.id);
      }
      state.undelivered.set(eventId, waiting);
      await deliver(event);
    },
  };
}

/** A disabled endpoint gets nothing, now or later. */
function isListening(endpoint: WebhookEndpoint, type: string, livemode: boolean): boolean {
  return (
    endpoint.status === 'enabled' &&
    endpoint.livemode === livemode &&
    (endpoint.enabled_events.includes('*') || endpoint.enabled_events.includes(type))
  );
}

async function attempt(
  event: StripeEvent,
  endpoint: WebhookEndpoint,
  secret: string,
  nowMs: number,
  timeoutMs: number,
): Promise<DeliveryRecord> {
  const payload = JSON.stringify({ ...event, api_version: endpoint.api_version ?? event.api_version }, null, 2);
  const signature = Stripe.webhooks.generateTestHeaderString({
    payload,
    secret,
    timestamp: Math.floor(nowMs / 1000),
  });
  const record = { eventId: event.id, endpointId: endpoint.id, url: endpoint.url, attemptedAtMs: nowMs };
  try {
    const response = await fetch(endpoint.url, {
      method: 'POST',
      headers: {
        accept: '*/*; q=0.5, application/xml',
        'content-type': 'application/json; charset=utf-8',
        'stripe-signature': signature,
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      },
      body: payload,
      // A redirect is a failed delivery: https://docs.stripe.com/webhooks
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body = (await response.text()).slice(0, MAX_RECORDED_BODY);
    return { ...record, status: response.status, body, failure: null };
  } catch (error) {
    return { ...record, status: null, body: '', failure: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'Timed out connecting to remote host';
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.message : String(error);
}
