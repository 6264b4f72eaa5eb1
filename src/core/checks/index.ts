import type { Check } from '../check.ts';
import { accountNotLinked } from './account-not-linked.ts';
import { checkoutIncomplete } from './checkout-incomplete.ts';
import { checkoutNotPaid } from './checkout-not-paid.ts';
import { deliveryFailing } from './delivery-failing.ts';
import { duplicateOrder } from './duplicate-order.ts';
import { eggInvalid } from './egg-invalid.ts';
import { endpointDisabled } from './endpoint-disabled.ts';
import { endpointMissing } from './endpoint-missing.ts';
import { endpointNotListening } from './endpoint-not-listening.ts';
import { errorUnexplained } from './error-unexplained.ts';
import { functionCrashed } from './function-crashed.ts';
import { functionNotDeployed } from './function-not-deployed.ts';
import { functionOpen } from './function-open.ts';
import { functionUnconfigured } from './function-unconfigured.ts';
import { installFailed } from './install-failed.ts';
import { installStuck } from './install-stuck.ts';
import { linkedToSomebodyElse } from './linked-to-somebody-else.ts';
import { modeMixedUp } from './mode-mixed-up.ts';
import { noCompletedCheckout } from './no-completed-checkout.ts';
import { noEnabledNode } from './no-enabled-node.ts';
import { noFreeAllocation } from './no-free-allocation.ts';
import { noNodeFits } from './no-node-fits.ts';
import { noOrders } from './no-orders.ts';
import { nodeNotAvailable } from './node-not-available.ts';
import { notAGameServer } from './not-a-game-server.ts';
import { orderCanceled } from './order-canceled.ts';
import { orderRowMissing } from './order-row-missing.ts';
import { panelKeyRefused } from './panel-key-refused.ts';
import { panelRateLimited } from './panel-rate-limited.ts';
import { panelRefused } from './panel-refused.ts';
import { panelUnreachable } from './panel-unreachable.ts';
import { panelUserGone } from './panel-user-gone.ts';
import { panelUserUnlinked } from './panel-user-unlinked.ts';
import { paymentNotBacked } from './payment-not-backed.ts';
import { paymentReversed } from './payment-reversed.ts';
import { personUnknown } from './person-unknown.ts';
import { renewalFailed } from './renewal-failed.ts';
import { serverDuplicated } from './server-duplicated.ts';
import { serverMissing } from './server-missing.ts';
import { serverOfSomebodyElse } from './server-of-somebody-else.ts';
import { serverOffline } from './server-offline.ts';
import { serverOrphaned } from './server-orphaned.ts';
import { serverSuspended } from './server-suspended.ts';
import { signatureMismatch } from './signature-mismatch.ts';
import { statusUnknown } from './status-unknown.ts';
import { statusWentBackwards } from './status-went-backwards.ts';
import { stuckInPaid } from './stuck-in-paid.ts';
import { stuckInProvisioning } from './stuck-in-provisioning.ts';
import { wingsSilent } from './wings-silent.ts';

/** Every question that is asked about a purchase, along its path. The order is for readers: verdicts do not depend on it. */
export const checks: readonly Check[] = [
  noCompletedCheckout,
  checkoutNotPaid,
  renewalFailed,
  paymentReversed,
  paymentNotBacked,
  endpointMissing,
  endpointDisabled,
  endpointNotListening,
  deliveryFailing,
  signatureMismatch,
  modeMixedUp,
  orderRowMissing,
  checkoutIncomplete,
  duplicateOrder,
  personUnknown,
  noOrders,
  stuckInPaid,
  stuckInProvisioning,
  statusWentBackwards,
  orderCanceled,
  statusUnknown,
  notAGameServer,
  errorUnexplained,
  accountNotLinked,
  panelUserGone,
  panelUserUnlinked,
  linkedToSomebodyElse,
  noEnabledNode,
  noNodeFits,
  noFreeAllocation,
  nodeNotAvailable,
  functionNotDeployed,
  functionUnconfigured,
  panelKeyRefused,
  eggInvalid,
  panelUnreachable,
  functionCrashed,
  panelRateLimited,
  panelRefused,
  functionOpen,
  installFailed,
  installStuck,
  wingsSilent,
  serverMissing,
  serverOrphaned,
  serverDuplicated,
  serverSuspended,
  serverOffline,
  serverOfSomebodyElse,
];
