import type { WebhookEndpoint, WebhookSetup } from './evidence.ts';

/** The one event that turns a checkout into an order. */
export const completedType = 'checkout.session.completed';

/** Whether Stripe sends the completed checkout to this endpoint while it is enabled. */
export function listensToCompleted(endpoint: WebhookEndpoint): boolean {
  return endpoint.enabledEvents.some((type) => type === '*' || type === completedType);
}

/** Those of the endpoints that Stripe delivers a completed checkout to. */
export function receivers(endpoints: readonly WebhookEndpoint[]): readonly WebhookEndpoint[] {
  return endpoints.filter((endpoint) => endpoint.status === 'enabled' && listensToCompleted(endpoint));
}

/** How many endpoints of somebody else share the event's count of outstanding deliveries. */
export function countSharers(webhooks: WebhookSetup): number {
  return receivers(webhooks.others).length;
}

/** The host alone: the rest of a foreign endpoint's address may hold a token. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an unreadable address';
}
