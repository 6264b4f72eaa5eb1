import { expect, test } from 'vitest';
import { planCard } from '../../../../src/core/cards/plan-card.ts';
import { anAbout, aPrepared } from '../../../builders/action-cards.ts';
import { EMAIL } from '../../../builders/merchant.ts';

test('names the order, the customer and the verdict, so that nobody agrees to the wrong one', () => {
  const card = JSON.stringify(planCard(aPrepared(), anAbout('retry-provisioning')));
  expect(card).toContain(anAbout('retry-provisioning').subject.id);
  expect(card).toContain(EMAIL);
  expect(card).toContain(aPrepared().entry.verdict?.code);
});

test('holds every change, step and warning of the plan, and its note', () => {
  const prepared = aPrepared();
  const card = planCard({ ...prepared, plan: { ...prepared.plan, note: 'This cannot be undone.' } }, anAbout('vouch'));
  const words = JSON.stringify(card.blocks);
  const { changes, steps } = prepared.plan;
  for (const { thing, before, after } of changes) {
    for (const part of [thing, before, after]) expect(words).toContain(JSON.stringify(part).slice(1, -1));
  }
  for (const { label } of steps) expect(words).toContain(JSON.stringify(label).slice(1, -1));
  for (const warning of [...prepared.warnings, 'This cannot be undone.']) expect(words).toContain(warning);
});

test('says nothing of warnings where there are none', () => {
  const card = planCard(aPrepared({ warnings: [] }), anAbout('retry-provisioning'));
  expect(JSON.stringify(card)).not.toContain('Know before you agree');
});

test('masks addresses where others read along, in the reason as well', () => {
  const about = anAbout('vouch', { emails: 'masked', reason: `${EMAIL} paid in cash` });
  expect(JSON.stringify(planCard(aPrepared(), about))).not.toContain(EMAIL);
});

test('quotes what others wrote without anything invisible in it', () => {
  const evil = 'evil\u001b[2J\u202e name\u200b';
  const prepared = aPrepared({ warnings: [evil] });
  const changes = [{ thing: 'Name', before: evil, after: evil }];
  const card = planCard(
    { ...prepared, plan: { ...prepared.plan, what: evil, changes } },
    anAbout('vouch', { reason: evil }),
  );
  expect([card.summary, JSON.stringify(card.blocks)].join('')).not.toMatch(/[\p{Cc}\p{Cf}]|\\u001b/u);
});
