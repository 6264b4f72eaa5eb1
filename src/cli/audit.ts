import { auditCard } from '../core/cards/audit-card.ts';
import type { ClaimSubject } from '../core/claim.ts';
import { parseQuery } from '../core/query.ts';
import { describeStoreFailure } from '../core/store-ports.ts';
import { Ending, exits } from './ending.ts';
import { withMerchant } from './merchant.ts';
import { printCard } from './output.ts';
import { withStoreIfAny } from './own-store.ts';

const mostEntries = 1000;

/** `pterodoc audit`. */
export async function audit(of: string | undefined, typedLimit: string): Promise<void> {
  const subject = of === undefined ? null : subjectNamed(of);
  const limit = Number(typedLimit);
  if (!/^\d+$/.test(typedLimit) || limit < 1 || limit > mostEntries) {
    throw new Ending(exits.usage, `--limit takes a number from 1 to ${mostEntries}.`);
  }
  await withMerchant((config) =>
    withStoreIfAny(config, async (store) => {
      const listed = await store?.audit.list({ limit, ...(subject === null ? {} : { subject }) });
      if (listed !== undefined && !listed.ok) throw new Ending(exits.failed, describeStoreFailure(listed.failure));
      printCard(auditCard(listed?.value ?? [], { subject, limit, madeAt: new Date() }));
      return exits.fine;
    }),
  );
}

function subjectNamed(typed: string): ClaimSubject {
  const endpoint = /^we_[A-Za-z0-9_]{3,250}$/.exec(typed.trim());
  if (endpoint !== null) return `endpoint:${endpoint[0]}`;
  const query = parseQuery(typed);
  if (query.ok && query.value.kind === 'order') return `order:${query.value.orderId}`;
  if (query.ok && query.value.kind === 'stripe' && query.value.object === 'session') return `session:${query.value.id}`;
  throw new Ending(exits.usage, 'Give the id of an order, of a checkout (cs_…) or of a webhook endpoint (we_…).');
}
