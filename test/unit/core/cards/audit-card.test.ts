import { expect, test } from 'vitest';
import { auditCard } from '../../../../src/core/cards/audit-card.ts';
import { anAuditRecord } from '../../../builders/action-cards.ts';
import { anActor } from '../../../builders/actions.ts';
import { ORDER_ID } from '../../../builders/merchant.ts';
import { NOW } from '../../../builders/time.ts';

const everything = { subject: null, limit: 20, madeAt: NOW };

test('is a sentence where nothing was asked for', () => {
  const card = auditCard([], everything);
  expect(card.blocks).toEqual([]);
  expect(card.summary).toBe('Nobody has asked for an action so far.');
});

test('says that there may be more where the limit was reached', () => {
  expect(auditCard([anAuditRecord()], { ...everything, limit: 1 }).summary).toContain('there may be older ones');
  expect(auditCard([anAuditRecord()], everything).summary).toBe('One entry.');
});

test('gives the whole id where something was asked for, and the beginning of it afterwards', () => {
  const records = [anAuditRecord({ event: 'outcome' }), anAuditRecord()];
  const [table] = auditCard(records, everything).blocks;
  const cells = table?.kind === 'table' ? table.rows.map((row) => String(row.at(-1))) : [];
  expect(cells[0]).toContain(`order ${ORDER_ID.slice(0, 8)}:`);
  expect(cells[1]).toContain(`order ${ORDER_ID}:`);
});

test('leaves the id out of the rows where the log is of one thing', () => {
  const card = auditCard([anAuditRecord()], { ...everything, subject: `order:${ORDER_ID}` });
  expect(card.title).toContain(ORDER_ID);
  expect(JSON.stringify(card.blocks)).not.toContain(ORDER_ID);
});

test('shows a hostile name short and without anything invisible', () => {
  const actor = anActor({ name: `\u202e\u001b[2J${'x'.repeat(100)}`, role: null });
  const words = JSON.stringify(auditCard([anAuditRecord({ actor })], everything).blocks);
  expect(words).not.toMatch(/[\p{Cc}\p{Cf}]|\\u001b/u);
  expect(words).not.toContain('x'.repeat(20));
});
