import { expect, test } from 'vitest';
import { ownerOf } from '../../../src/core/ownership.ts';
import { aPerson } from '../../builders/merchant.ts';
import { aPanelServer, aPanelUser } from '../../builders/panel.ts';
import { outage, type Overrides, readingsOf } from '../../builders/readings.ts';

const ownerWith = (over: Overrides, ownerId = 11) => ownerOf(aPanelServer({ ownerId }), readingsOf(over));

test("is own when the owner is the panel user with exactly the person's e-mail", () => {
  expect(ownerWith({ linkedPanelUser: null })).toEqual({ kind: 'known', value: 'own' });
});

test("is own when the owner is the linked panel user and that has the person's e-mail", () => {
  expect(ownerWith({ emailPanelUser: null })).toEqual({ kind: 'known', value: 'own' });
});

test("is somebody else's when only the link says otherwise", () => {
  const linkedPanelUser = aPanelUser({ id: 77, email: 'somebody@example.com' });
  expect(ownerWith({ linkedPanelUser }, 77)).toEqual({ kind: 'known', value: 'somebody-else' });
});

test("is somebody else's when the person is nobody", () => {
  const readings = { person: null, emailPanelUser: null };
  expect(ownerWith(readings)).toEqual({ kind: 'known', value: 'somebody-else' });
});

test.each(['person', 'linkedPanelUser', 'emailPanelUser'] as const)(
  'does not need %s where the rest proves the owner',
  (key) => {
    expect(ownerWith({ [key]: outage('pterodactyl') })).toEqual({ kind: 'known', value: 'own' });
  },
);

test.each(['linkedPanelUser', 'emailPanelUser'] as const)('is unknown when %s could still prove the owner', (key) => {
  expect(ownerWith({ [key]: outage('pterodactyl') }, 77)).toMatchObject({ kind: 'unknown' });
});

test('is unknown when the owner is linked and nobody knows whose e-mail to compare', () => {
  expect(ownerWith({ person: outage('supabase'), emailPanelUser: null })).toMatchObject({
    kind: 'unknown',
    failure: { source: 'supabase' },
  });
});

test('compares e-mails exactly: a longer address is another person', () => {
  const linkedPanelUser = aPanelUser({ email: `jo${aPerson().email}` });
  expect(ownerWith({ emailPanelUser: null, linkedPanelUser })).toEqual({ kind: 'known', value: 'somebody-else' });
});
