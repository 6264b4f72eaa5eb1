import { expect, test } from 'vitest';
import { outcomeCard, refusalCard } from '../../../../src/core/cards/outcome-card.ts';
import { anAbout, aPerformed, aRefusal, anUndecided } from '../../../builders/action-cards.ts';
import { aClaim, anActor, aStep } from '../../../builders/actions.ts';
import { EMAIL } from '../../../builders/merchant.ts';

const about = anAbout('retry-provisioning');

test.each([
  ['applied', 'good'],
  ['not-applied', 'bad'],
  ['pending', 'busy'],
  ['unknown', 'unsure'],
] as const)('%s is meant as %s, in the words of what was seen', (kind, tone) => {
  const card = outcomeCard(aPerformed({ outcome: { kind, words: 'It was seen.' } }), about);
  expect([card.tone, card.summary]).toEqual([tone, 'It was seen.']);
});

test('says who did it and in which attempt', () => {
  const card = outcomeCard(aPerformed({ claim: aClaim({ attempt: 3 }) }), about);
  expect(JSON.stringify(card)).toContain('Ada (admin), attempt 3');
});

test('an undecided outcome says until when it is watched and how to go on', () => {
  const card = JSON.stringify(outcomeCard(anUndecided(), about));
  expect(card).toContain('at most 12:10 UTC');
  expect(card).toContain('never acts twice');
});

test('a decided outcome says nothing of watching', () => {
  expect(JSON.stringify(outcomeCard(aPerformed(), about))).not.toContain('Watched until');
});

test('a write whose end nobody recorded is called cut off, not done', () => {
  const claim = aClaim({ steps: [aStep('invoke', null)] });
  const card = JSON.stringify(outcomeCard(aPerformed({ claim }), about));
  expect(card).toContain('cut off');
  expect(card).toContain('nobody knows whether it happened');
});

test('a refusal says the reason, and that nothing was done', () => {
  const card = refusalCard(aRefusal(), about);
  expect(card).toMatchObject({ tone: 'neutral', title: 'Retry provisioning: nothing was done' });
  expect(card.summary).toBe('This order already names server 501.');
});

test('a refusal by a live claim says who is at work', () => {
  const claim = aClaim({ actor: anActor({ name: 'Grace' }), attempt: 2 });
  const card = refusalCard(aRefusal({ by: 'claim', claim }), about);
  expect(card.tone).toBe('busy');
  expect(JSON.stringify(card)).toContain('Grace, attempt 2');
});

test('trouble of the own store is a problem, not a note', () => {
  expect(refusalCard(aRefusal({ by: 'store' }), about).tone).toBe('bad');
});

test('masks addresses where others read along', () => {
  const masked = { ...about, emails: 'masked' } as const;
  const words = `It speaks of ${EMAIL}.`;
  const steps = [aStep('invoke', { kind: 'done', words })];
  const performed = aPerformed({ outcome: { kind: 'applied', words }, claim: aClaim({ reason: words, steps }) });
  const cards = [outcomeCard(performed, masked), refusalCard(aRefusal({ reason: words }), masked)];
  expect(JSON.stringify(cards)).not.toContain(EMAIL);
});
