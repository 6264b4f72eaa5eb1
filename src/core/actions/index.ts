import type { Action } from '../action.ts';
import { createPanelAccount } from './create-panel-account.ts';
import { enableEndpoint } from './enable-endpoint.ts';
import { linkServer } from './link-server.ts';
import { redeliverWebhook } from './redeliver-webhook.ts';
import { reinstallServer } from './reinstall-server.ts';
import { restoreStatus } from './restore-status.ts';
import { retryProvisioning } from './retry-provisioning.ts';
import { vouch } from './vouch.ts';

/** Every action, in the order in which help and cards name them. */
export const actions: readonly Action[] = [
  retryProvisioning,
  createPanelAccount,
  redeliverWebhook,
  enableEndpoint,
  linkServer,
  restoreStatus,
  reinstallServer,
  vouch,
];
