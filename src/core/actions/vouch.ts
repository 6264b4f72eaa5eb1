import { z } from 'zod';
import { type Decision, defineAction, refuse } from '../action.ts';
import type { StepEnd } from '../claim.ts';
import { isGameServer } from '../entry.ts';
import { cleanForeignText } from '../foreign-text.ts';
import { maskPrivateIn } from '../mask.ts';
import { describeStoreFailure } from '../store-ports.ts';
import { couldNotLook, orderOf } from './refusals.ts';

const target = z.object({ orderId: z.string(), reason: z.string() });

const longestReason = 500;

/** Lets an admin's word stand in for Stripe, for one order: a gift, a bank transfer. */
export const vouch = defineAction({
  id: 'vouch',
  label: 'Vouch',
  permission: 'act.vouch',
  style: 'plain',
  on: ['order'],
  asksForReason: true,
  needs: ['vouches'],
  target,
  guard({ entry, reason }): Decision<z.output<typeof target>> {
    const order = orderOf(entry);
    const { payment } = entry.readings;
    if (!isGameServer(order)) return refuse('This order is not for a game server: it is fulfilled by hand.');
    if (order.status === 'canceled') return refuse('This order is canceled.');
    if (payment.kind === 'unknown' && payment.failure.kind !== 'not-configured') {
      return refuse(couldNotLook('What Stripe says of this order', payment.failure));
    }
    if (payment.kind === 'known') {
      if (payment.value.backing === 'vouched') return refuse('Somebody has vouched for this order already.');
      if (payment.value.backing === 'own') return refuse('Stripe backs this order: nobody needs to vouch for it.');
      if (payment.value.backing === 'foreign') {
        return refuse("The order names somebody else's subscription (PAY-005), which no word can make good.");
      }
    }
    const words = maskPrivateIn(cleanForeignText(reason ?? '', longestReason + 1));
    if (words === '') return refuse('Say why the order is good although Stripe does not back it.');
    if (words.length > longestReason) return refuse(`The reason is too long: at most ${longestReason} characters.`);
    return { kind: 'allowed', target: { orderId: order.id, reason: words }, warnings: [] };
  },
  plan: ({ orderId, reason }) => ({
    what: `Vouch for order ${orderId}.`,
    changes: [{ thing: 'Payment of the order', before: 'nothing in Stripe backs it', after: `vouched for: ${reason}` }],
    steps: [{ name: 'vouch', label: "Write it down in pterodoc's own records" }],
    note: 'Nothing is provisioned by this; the order can be retried afterwards.',
  }),
  async effect({ vouches }, { orderId, reason }, claim) {
    await claim.step('vouch', async (): Promise<StepEnd> => {
      const added = await vouches.add({ orderId, reason, actor: claim.actor });
      if (!added.ok) return { kind: 'unclear', words: describeStoreFailure(added.failure) };
      return added.value
        ? { kind: 'done', words: 'It is written down.' }
        : { kind: 'refused', words: 'Somebody has vouched for this order already.' };
    });
  },
  async verify({ vouches }, { orderId }) {
    const found = await vouches.of(orderId);
    if (!found.ok) return { kind: 'undecided', as: 'unknown', words: describeStoreFailure(found.failure) };
    return found.value === null
      ? { kind: 'not-applied', words: 'Nobody has vouched for this order.' }
      : { kind: 'applied', words: "The order counts as paid by an admin's word." };
  },
});
