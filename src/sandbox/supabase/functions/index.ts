import type { EdgeFunction } from '../edge-function.ts';

/** A function of the shop, and whether the gateway asks for a token before calling it. */
export interface ReferenceFunction {
  readonly verifyJwt: boolean;
  readonly load: () => Promise<EdgeFunction>;
}

/** The shop's functions by slug; their code is loaded at the first call. */
export const referenceFunctions: Readonly<Record<string, ReferenceFunction>> = {
  'stripe-webhook': {
    verifyJwt: false,
    load: async () => (await import('./stripe-webhook.ts')).stripeWebhook,
  },
  'servers-provision': {
    verifyJwt: false,
    load: async () => (await import('./servers-provision.ts')).serversProvision,
  },
  'create-pterodactyl-user': {
    verifyJwt: true,
    load: async () => (await import('./create-pterodactyl-user.ts')).createPterodactylUser,
  },
  'scheduler-reconcile': {
    verifyJwt: false,
    load: async () => (await import('./scheduler-reconcile.ts')).schedulerReconcile,
  },
};
