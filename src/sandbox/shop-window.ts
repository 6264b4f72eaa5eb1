import { z } from 'zod';
import { parseQuery } from '../core/query.ts';
import { fail, type Result, succeed } from '../core/result.ts';
import { type CatalogRegion, plans, regions } from './catalog.ts';
import type { Sandbox } from './index.ts';

/** A plan as a form shows it. */
export interface OfferedPlan {
  readonly id: string;
  readonly title: string;
  /** For one month. */
  readonly amountCents: number;
  readonly currency: 'eur';
}

/** Where visitors of the sandbox buy. */
export interface ShopWindow {
  readonly plans: readonly OfferedPlan[];
  readonly regions: readonly CatalogRegion[];
  /**
   * Takes what a form sent: `email`, and where given `planId`, `region`, `serverName`, `payment` (`card`, or
   * `bank-transfer`, which takes days). Resolves when the payment page is done; what the shop makes of it follows.
   * The failure is a sentence for the visitor.
   */
  purchase(form: unknown): Promise<Result<{ readonly sessionId: string; readonly email: string }, string>>;
}

/** The panel takes no longer name: https://pterodactyl.io */
const LONGEST_NAME = 191;

const form = z.object({
  email: z.string('Give the e-mail address of the buyer.').transform((typed, context) => {
    const query = parseQuery(typed);
    if (query.ok && query.value.kind === 'email') return query.value.email;
    context.addIssue({ code: 'custom', message: 'That is not a whole e-mail address (name@domain).' });
    return z.NEVER;
  }),
  planId: z
    .enum(
      plans.map(({ id }) => id),
      'The shop has no such plan.',
    )
    .default('mc-4'),
  region: z
    .enum(
      regions.map(({ id }) => id),
      'The shop has no such region.',
    )
    .default('eu'),
  serverName: z
    .string('The name of the server is a text.')
    .trim()
    .max(LONGEST_NAME, `The name of the server is longer than ${LONGEST_NAME} characters.`)
    .regex(/^[^\p{Cc}\p{Cf}]*$/u, 'The name of the server holds invisible characters.')
    .optional(),
  payment: z.enum(['card', 'bank-transfer'], 'Pay by card or by bank-transfer.').default('card'),
});

/** What is offered in this sandbox, and how it is bought. */
export function openShopWindow(sandbox: Sandbox): ShopWindow {
  return {
    plans: plans.map(({ id, title, amountCents }) => ({ id, title, amountCents, currency: 'eur' })),
    regions,
    async purchase(typed) {
      const read = form.safeParse(typed);
      if (!read.success) return fail(read.error.issues[0]?.message ?? 'That cannot be bought.');
      const { email, planId, region, serverName, payment } = read.data;
      return succeed(
        await sandbox.checkOut({
          email,
          planId,
          region,
          // Nothing typed is no name: the shop then makes one up.
          ...(serverName ? { serverName } : {}),
          paymentStatus: payment === 'card' ? 'paid' : 'unpaid',
        }),
      );
    },
  };
}
