import type { Order } from './evidence.ts';
import { cutForeign } from './foreign-text.ts';
import type { EvidenceItem } from './reading.ts';

/** The order's status with the time of the row's last change: the table keeps no other history of it. */
export function statusEvidence(order: Order): EvidenceItem {
  return {
    source: 'supabase',
    at: order.updatedAt,
    text: `Order status ${cutForeign(order.status)}, last changed then`,
    ref: { kind: 'order', id: order.id },
  };
}
