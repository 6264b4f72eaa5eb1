import type { WorldClock } from '../../clock.ts';
import type { IdSource } from '../ids.ts';
import type { StripeState } from '../state.ts';

/** What a new endpoint is made of. */
export interface EndpointInput {
  readonly url: string;
  /** Everything (`*`) when absent. */
  readonly enabledEvents?: readonly string[];
  /** Null: the account's default. */
  readonly apiVersion?: string | null;
  readonly livemode?: boolean;
  readonly disabled?: boolean;
}

/** What may be changed of an endpoint. */
export interface EndpointChanges {
  readonly url?: string;
  readonly enabledEvents?: readonly string[];
  readonly disabled?: boolean;
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The webhook endpoints, as the Dashboard and the API manage them. */
export interface Endpoints {
  create(input: EndpointInput): { id: string; secret: string };
  update(endpointId: string, changes: EndpointChanges): void;
  remove(endpointId: string): void;
}

/** The endpoints of one account. */
export function createEndpoints(state: StripeState, clock: WorldClock, ids: IdSource): Endpoints {
  return {
    create(input) {
      const id = ids('we');
      const secret = ids('whsec');
      state.endpoints.set(id, {
        id,
        object: 'webhook_endpoint',
        api_version: input.apiVersion ?? null,
        application: null,
        created: Math.floor(clock.now() / 1000),
        description: null,
        enabled_events: [...(input.enabledEvents ?? ['*'])],
        livemode: input.livemode ?? false,
        metadata: {},
        status: input.disabled === true ? 'disabled' : 'enabled',
        url: input.url,
      });
      state.endpointSecrets.set(id, secret);
      return { id, secret };
    },
    update(endpointId, changes) {
      const endpoint = state.endpoints.get(endpointId);
      if (endpoint === undefined) throw new Error(`No webhook endpoint ${endpointId}`);
      if (changes.url !== undefined) endpoint.url = changes.url;
      if (changes.enabledEvents !== undefined) endpoint.enabled_events = [...changes.enabledEvents];
      if (changes.disabled !== undefined) endpoint.status = changes.disabled ? 'disabled' : 'enabled';
      if (changes.description !== undefined) endpoint.description = changes.description || null;
      if (changes.metadata !== undefined) endpoint.metadata = { ...endpoint.metadata, ...changes.metadata };
    },
    remove(endpointId) {
      state.endpoints.delete(endpointId);
      state.endpointSecrets.delete(endpointId);
      for (const [eventId, waiting] of state.undelivered) {
        const event = state.events.get(eventId);
        if (waiting.delete(endpointId) && event !== undefined) event.pending_webhooks = waiting.size;
      }
    },
  };
}
