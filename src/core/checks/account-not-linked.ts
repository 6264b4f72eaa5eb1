import { defineCheck, type Found, found, passed } from '../check.ts';
import { logEvidence } from '../cause.ts';
import { awaitsServer } from '../entry.ts';
import type { Profile } from '../evidence.ts';
import { cutForeign } from '../foreign-text.ts';
import { lastFailureOf, type LoggedFailure } from '../order-log.ts';
import type { EvidenceItem, Reading } from '../reading.ts';

interface Facts {
  readonly reason: 'no-profile' | 'no-profile-email' | 'account-refused' | 'not-made-yet';
  /** What the panel objected to when it refused an account. */
  readonly refusedFields: readonly string[];
}

/** The panel names one field for each rule that failed; a new account has fewer than this. */
const maxFieldsShown = 5;

export const accountNotLinked = defineCheck({
  id: 'account-not-linked',
  code: 'ACC-001',
  stage: 'account',
  role: 'cause',
  severity: 'warning',
  title: 'No panel account is linked',
  on: ['order'],
  needs: ['externalAccount'],
  uses: ['profile', 'executions'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate({ externalAccount, profile, executions }, { order }) {
    const logged = executions.kind === 'known' ? lastFailureOf(order, executions.value) : null;
    if (externalAccount !== null) {
      const past = logged === null ? null : loggedCause(logged, profile);
      if (past === null) return passed;
      const entry = entryEvidence(`An entry names panel user ${externalAccount.panelUserId} now`);
      return found({ ...past, standing: 'cleared', evidence: [...past.evidence, entry] });
    }
    const noEntry = entryEvidence('No entry of external_accounts for this customer');
    const cause = seenCause(profile, logged) ?? (logged === null ? null : loggedCause(logged, profile));
    if (cause !== null) return found({ ...cause, evidence: [noEntry, ...cause.evidence] });
    return found<Facts>({
      facts: { reason: 'not-made-yet', refusedFields: [] },
      confidence: 'confirmed',
      role: 'notice',
      severity: 'notice',
      evidence: [noEntry],
    });
  },
  explain: (facts) => ({ what: whatOf(facts), why: whyOf(facts), next: nextOf(facts) }),
  tellCustomer: ({ reason }) =>
    reason === 'not-made-yet'
      ? 'Your server account is made together with your server. You do not need to do anything.'
      : 'Your server account could not be made yet; we are setting it up. You do not need to do anything.',
  remediation: 'create-panel-account',
});

type Cause = Omit<Found<Facts>, 'kind'>;

/** The function takes the address of a new account from the profile, and from nowhere else. */
function seenCause(profile: Reading<Profile | null>, logged: LoggedFailure | null): Cause | null {
  if (profile.kind === 'unknown' || hasEmail(profile.value)) return null;
  return {
    facts: { reason: profile.value === null ? 'no-profile' : 'no-profile-email', refusedFields: [] },
    confidence: 'confirmed',
    standing: 'standing',
    evidence: [
      profileEvidence(profile.value),
      ...(logged?.failure.kind === 'no-profile-email' ? [logEvidence(logged)] : []),
    ],
  };
}

function loggedCause(logged: LoggedFailure, profile: Reading<Profile | null>): Cause | null {
  const { failure, confidence } = logged;
  switch (failure.kind) {
    case 'no-profile-email':
      return {
        facts: { reason: 'no-profile-email', refusedFields: [] },
        confidence,
        standing: profile.kind === 'known' && hasEmail(profile.value) ? 'cleared' : 'unseen',
        evidence: [logEvidence(logged), ...(profile.kind === 'known' ? [profileEvidence(profile.value)] : [])],
      };
    case 'panel-account-refused':
      return {
        facts: {
          reason: 'account-refused',
          refusedFields: failure.fields.slice(0, maxFieldsShown).map((field) => cutForeign(field)),
        },
        confidence,
        standing: 'unseen',
        evidence: [logEvidence(logged)],
      };
    default:
      return null;
  }
}

function hasEmail(profile: Profile | null): boolean {
  return profile !== null && profile.email !== null && profile.email !== '';
}

function profileEvidence(profile: Profile | null): EvidenceItem {
  const text =
    profile === null
      ? 'The customer has no row in profiles'
      : hasEmail(profile)
        ? "The customer's profile has an e-mail address now"
        : "The customer's profile has no e-mail address";
  return { source: 'supabase', at: null, text, ref: { kind: 'table', name: 'profiles' } };
}

function entryEvidence(text: string): EvidenceItem {
  return { source: 'supabase', at: null, text, ref: { kind: 'table', name: 'external_accounts' } };
}

function whatOf({ reason, refusedFields }: Facts): string {
  switch (reason) {
    case 'no-profile':
      return 'No panel account is linked to the customer, and there is no profile to make one from.';
    case 'no-profile-email':
      return 'No panel account could be made for the customer, because the profile had no e-mail address.';
    case 'account-refused':
      return refusedFields.length === 0
        ? 'The panel refused to make an account for the customer.'
        : `The panel refused to make an account for the customer; it objected to: ${refusedFields.join(', ')}.`;
    case 'not-made-yet':
      return 'No panel account is linked to the customer yet.';
  }
}

function whyOf({ reason }: Facts): string {
  switch (reason) {
    case 'no-profile':
    case 'no-profile-email':
      return 'The provisioning function makes the account from the profile; without an address there it stops.';
    case 'account-refused':
      return 'The provisioning function takes the first word of the name as user name: the next customer of that name is refused.';
    case 'not-made-yet':
      return 'That stops nothing: the provisioning function makes the account itself.';
  }
}

function nextOf({ reason }: Facts): string {
  return reason === 'not-made-yet'
    ? 'Nothing has to be done about it; it can be made in advance.'
    : 'Create the panel account, then retry provisioning.';
}
