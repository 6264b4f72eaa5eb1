import { type Card, text } from '../card.ts';
import type { ClaimSubject } from '../claim.ts';
import type { AuditRecord } from '../store-ports.ts';

/** Who asked for what, what was decided, done and seen, newest first. */
export function auditCard(
  records: readonly AuditRecord[],
  about: { readonly subject: ClaimSubject | null; readonly limit: number; readonly madeAt: Date },
): Card {
  const { subject, limit, madeAt } = about;
  const title = subject === null ? 'Audit log' : `Audit log of ${inWords(subject)}`;
  if (records.length === 0) {
    return {
      tone: 'neutral',
      title,
      summary:
        subject === null ? 'Nobody has asked for an action so far.' : 'Nobody has asked for an action on this so far.',
      blocks: [],
      madeAt,
    };
  }
  const isCut = records.length === limit;
  return {
    tone: 'neutral',
    title,
    summary: isCut ? `The newest ${records.length} entries; there may be older ones.` : entriesInWords(records.length),
    blocks: [
      {
        kind: 'table',
        columns: ['When', 'Who', 'Event', 'What'],
        rows: records.map((record) => [
          record.at,
          text(`${text(record.actor.name, longestName)}${record.actor.role === null ? '' : ` (${record.actor.role})`}`),
          text(record.event),
          text(`${record.action}${record.subject === subject ? '' : ` on ${aboutOf(record)}`}: ${record.words}`),
        ]),
      },
    ],
    madeAt,
  };
}

/** Names of chat accounts may be long; the id in the log tells them apart. */
const longestName = 20;

/** The whole id where something begins, to copy it from; what follows is told apart by its first letters. */
function aboutOf({ event, subject }: AuditRecord): string {
  const isWhole = event === 'asked' || event === 'refused' || !subject.startsWith('order:');
  return isWhole ? inWords(subject) : inWords(subject).slice(0, 'order '.length + shortId);
}

const shortId = 8;

function inWords(subject: ClaimSubject): string {
  return subject.replace(':', ' ');
}

function entriesInWords(count: number): string {
  return count === 1 ? 'One entry.' : `${count} entries.`;
}
