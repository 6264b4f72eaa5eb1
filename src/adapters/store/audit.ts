import type { AuditEntry, AuditLog } from '../../core/store-ports.ts';
import { answer } from './failures.ts';
import { readAudit } from './shapes.ts';
import type { Database, DatabaseTransaction } from './tables.ts';
import { keptActor, keptWords } from './words.ts';

const mostRows = 1000;

/** The audit log; the database itself refuses to change or remove a row. */
export function createAuditLog(database: Database): AuditLog {
  return {
    append: (entry) => answer(() => database.transaction().execute((transaction) => appendAudit(transaction, entry))),
    list: ({ subject, limit }) =>
      answer(async () => {
        let query = database.selectFrom('pterodoc.audit').selectAll().orderBy('number', 'desc');
        if (subject !== undefined) query = query.where('subject', '=', subject);
        const rows = await query.limit(Math.min(Math.max(limit, 0), mostRows)).execute();
        return rows.map(readAudit);
      }),
  };
}

/** Adds a row together with what it tells of. */
export async function appendAudit(transaction: DatabaseTransaction, entry: AuditEntry): Promise<void> {
  await transaction
    .insertInto('pterodoc.audit')
    .values({
      event: entry.event,
      actor: keptActor(entry.actor),
      action: entry.action,
      subject: entry.subject,
      claim_id: entry.claimId,
      words: keptWords(entry.words),
    })
    .execute();
}
