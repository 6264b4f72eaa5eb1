import type { StripeMode } from './evidence.ts';
import type { EvidenceRef } from './reading.ts';

/** Leads a person to the page of a thing in an outside system; `null` where there is no such page. */
export type Links = (ref: EvidenceRef) => string | null;

/** The addresses links start from; `null`: that system has no page here. */
export interface LinkBases {
  /** The project's page in the Supabase dashboard. */
  readonly supabaseProject: string | null;
  /** `https://dashboard.stripe.com`, without the mode. */
  readonly stripeDashboard: string | null;
  readonly stripeMode: StripeMode;
  readonly panelUrl: string | null;
}

/** Builds links from the bases. Ids are encoded: some of them come from rows that customers can write. */
export function createLinks(bases: LinkBases): Links {
  const stripe =
    bases.stripeDashboard === null ? null : `${bases.stripeDashboard}${bases.stripeMode === 'test' ? '/test' : ''}`;
  const page = (base: string | null, path: string): string | null => (base === null ? null : `${base}${path}`);
  return (ref) => {
    switch (ref.kind) {
      case 'session':
      case 'payment-intent':
      case 'charge':
        return page(
          stripe,
          ref.kind === 'session' ? `/checkout/sessions/${encode(ref.id)}` : `/payments/${encode(ref.id)}`,
        );
      case 'subscription':
        return page(stripe, `/subscriptions/${encode(ref.id)}`);
      case 'invoice':
        return page(stripe, `/invoices/${encode(ref.id)}`);
      case 'event':
        return page(stripe, `/events/${encode(ref.id)}`);
      case 'endpoint':
        return page(stripe, `/webhooks/${encode(ref.id)}`);
      case 'customer':
        return page(stripe, `/customers/${encode(ref.id)}`);
      case 'order':
      case 'table':
        return page(bases.supabaseProject, '/editor');
      case 'person':
        return page(bases.supabaseProject, '/auth/users');
      case 'function':
        return page(bases.supabaseProject, `/functions/${encode(ref.slug)}`);
      case 'function-logs':
        return page(bases.supabaseProject, '/logs/edge-functions-logs');
      case 'function-secrets':
        return page(bases.supabaseProject, '/functions/secrets');
      case 'panel-server':
        return page(bases.panelUrl, `/admin/servers/view/${ref.id}`);
      case 'panel-user':
        return page(bases.panelUrl, `/admin/users/view/${ref.id}`);
      case 'panel-node':
        return page(bases.panelUrl, `/admin/nodes/view/${ref.id}`);
      case 'panel-nest':
        return page(bases.panelUrl, `/admin/nests/view/${ref.id}`);
      case 'panel-egg':
        return page(bases.panelUrl, `/admin/nests/egg/${ref.id}`);
    }
  };
}

function encode(id: string): string {
  return encodeURIComponent(id);
}
