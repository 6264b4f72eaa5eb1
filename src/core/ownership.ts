import type { EntryReadings, PanelServer } from './evidence.ts';
import { known, type Reading } from './reading.ts';

/** What the owner of a panel server is told by. */
export type OwnerReadings = Pick<EntryReadings, 'person' | 'linkedPanelUser' | 'emailPanelUser'>;

/**
 * Whether a panel server is provably this person's: its owner has exactly the person's sign-in e-mail. The link in
 * `external_accounts` alone proves nothing, because its owner can write it. Unknown only where a reading that could
 * still prove it is missing.
 */
export function ownerOf(server: PanelServer, readings: OwnerReadings): Reading<'own' | 'somebody-else'> {
  const { person, linkedPanelUser, emailPanelUser } = readings;
  if (emailPanelUser.kind === 'known' && emailPanelUser.value?.id === server.ownerId) return known('own');
  if (linkedPanelUser.kind === 'unknown') return linkedPanelUser;
  const linked = linkedPanelUser.value;
  if (linked?.id === server.ownerId) {
    if (person.kind === 'unknown') return person;
    if (person.value !== null && linked.email.toLowerCase() === person.value.email.toLowerCase()) return known('own');
  }
  return emailPanelUser.kind === 'unknown' ? emailPanelUser : known('somebody-else');
}
