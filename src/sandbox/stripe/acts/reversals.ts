import { newDispute, newRefund } from '../objects/payments.ts';
import type { Dispute, Refund } from '../shapes.ts';
import { chargeOf } from './billing.ts';
import { type ActOptions, mustFind, secondsNow, type Stage } from './stage.ts';

/** Money that goes back. A payment is named by its charge, its intent or its checkout session. */
export interface Reversals {
  /** Everything that is left of the charge when no amount is given: `charge.refunded`. */
  refund(paymentId: string, amountCents?: number, options?: ActOptions): Promise<Refund>;
  /** The customer's bank takes the money back: `charge.dispute.created`. */
  dispute(paymentId: string, options?: ActOptions & { readonly reason?: string }): Promise<Dispute>;
  closeDispute(disputeId: string, outcome: 'won' | 'lost', options?: ActOptions): Promise<Dispute>;
}

/** The refunds and disputes of one account. */
export function createReversals(stage: Stage): Reversals {
  const { state, ids, outbox } = stage;
  return {
    async refund(paymentId, amountCents, options = {}) {
      const charge = chargeOf(stage, paymentId);
      const left = charge.amount_captured - charge.amount_refunded;
      const amount = amountCents ?? left;
      if (amount <= 0 || amount > left) throw new Error(`${amount} of ${left} cents cannot be refunded`);
      const refund = newRefund(ids('re'), charge, amount, secondsNow(stage));
      state.refunds.set(refund.id, refund);
      charge.amount_refunded += amount;
      charge.refunded = charge.amount_refunded === charge.amount;
      await outbox.publish('charge.refunded', charge, { deliver: options.deliver });
      return refund;
    },
    async dispute(paymentId, options = {}) {
      const charge = chargeOf(stage, paymentId);
      const dispute = newDispute(ids('du'), charge, options.reason ?? 'fraudulent', secondsNow(stage));
      state.disputes.set(dispute.id, dispute);
      charge.disputed = true;
      await outbox.publish('charge.dispute.created', dispute, { deliver: options.deliver });
      return dispute;
    },
    async closeDispute(disputeId, outcome, options = {}) {
      const dispute = mustFind(state.disputes, disputeId);
      dispute.status = outcome;
      await outbox.publish('charge.dispute.closed', dispute, { deliver: options.deliver });
      return dispute;
    },
  };
}
