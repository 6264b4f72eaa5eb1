import type { Actor } from './actor.ts';
import type { ActionId } from './check.ts';
import type { ClaimRecord, ClaimSubject, Outcome, StepEnd } from './claim.ts';
import type { Permission } from './permission.ts';
import type { Result } from './result.ts';

/** What can be wrong with the bot's own store. `lost`: the connection, or the time, ran out on a question. */
export type StoreFailure = { readonly kind: 'unreachable' | 'lost' | 'read-only' | 'full' | 'broken' };

/** Every method of the store ends with a value or one of these; none throws for trouble of the database. */
export type StoreAnswer<T> = Promise<Result<T, StoreFailure>>;

/** One thing that happened around an action. Rows are only ever added. */
export interface AuditEntry {
  /** `asked`: somebody wanted it; `refused`: no, and why; `begun`, `step`, `outcome`: of a claim. */
  readonly event: 'asked' | 'refused' | 'begun' | 'step' | 'outcome';
  readonly actor: Actor;
  readonly action: ActionId;
  readonly subject: ClaimSubject;
  readonly claimId: string | null;
  /** For admins: what was asked, decided, done or seen. Written without e-mail addresses. */
  readonly words: string;
}

export interface AuditRecord extends AuditEntry {
  /** Grows with every row. */
  readonly number: number;
  readonly at: Date;
}

export interface AuditLog {
  append(entry: AuditEntry): StoreAnswer<void>;
  /** Newest first. */
  list(filter: { readonly subject?: ClaimSubject; readonly limit: number }): StoreAnswer<readonly AuditRecord[]>;
}

/** What is asked for with a new claim. */
export interface ClaimRequest {
  readonly subject: ClaimSubject;
  readonly action: ActionId;
  readonly actor: Actor;
  readonly reason: string | null;
  /** Kept as JSON. */
  readonly target: unknown;
  /** The id of this process. */
  readonly holder: string;
  /** How long the process may stay silent before somebody else may take the claim over, in milliseconds. */
  readonly holdMs: number;
  readonly watchedUntil: Date;
  /** Written to the audit log in the same transaction; no claim without it. */
  readonly words: string;
}

/**
 * The lasting guard against doing a thing twice. Holding is judged by the database's clock. A method that names a
 * holder changes nothing and answers `false` (or `null`) when that process no longer holds the live claim.
 */
export interface ClaimStore {
  /** Takes the one live claim of the subject, with its audit row; or tells which claim is live already. */
  take(
    request: ClaimRequest,
  ): StoreAnswer<
    { readonly kind: 'taken'; readonly claim: ClaimRecord } | { readonly kind: 'live'; readonly claim: ClaimRecord }
  >;
  /** Records that a write is about to begin, and holds on. The write may begin only after `true`. */
  beginStep(claimId: string, holder: string, name: string, holdMs: number): StoreAnswer<boolean>;
  /** Records how it ended, with its audit row. */
  endStep(claimId: string, holder: string, name: string, end: StepEnd): StoreAnswer<boolean>;
  /** Holds on, and notes what was seen meanwhile. */
  renew(claimId: string, holder: string, holdMs: number, seen: Outcome | null): StoreAnswer<boolean>;
  /** Takes the watch over from a process that has not been heard of in time; `null`: it is held, or closed. */
  takeOver(claimId: string, holder: string, holdMs: number): StoreAnswer<ClaimRecord | null>;
  /** Lets go of a live claim, so that any process may go on watching it at once. */
  release(claimId: string, holder: string, seen: Outcome): StoreAnswer<boolean>;
  /** Ends it, with its audit row. Its subject is free again. */
  close(claimId: string, holder: string, outcome: Outcome): StoreAnswer<boolean>;
  byId(claimId: string): StoreAnswer<ClaimRecord | null>;
  liveOf(subject: ClaimSubject): StoreAnswer<ClaimRecord | null>;
  /** Live claims that no process holds, oldest first. */
  abandoned(): StoreAnswer<readonly ClaimRecord[]>;
  /** Claims of the subject taken since then, newest first. */
  recentOf(subject: ClaimSubject, since: Date): StoreAnswer<readonly ClaimRecord[]>;
}

/** What a button may stand for beside an action: another look at the same thing. */
export type ViewId = 'recheck' | 'details';

/** What a button stands for. Its id is opaque and cannot be guessed. */
export interface Offer {
  readonly id: string;
  readonly action: ActionId | ViewId;
  readonly subject: ClaimSubject;
  /** Of the facts it was offered on: when they have changed, nothing is done. Empty for a mere look. */
  readonly digest: string;
  /** What whoever presses it must hold. */
  readonly permission: Permission;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
}

export interface OfferStore {
  issue(offer: Omit<Offer, 'id' | 'usedAt'>): StoreAnswer<Offer>;
  /** `null`: never issued, or long expired and cleared away. */
  byId(offerId: string): StoreAnswer<Offer | null>;
  /** Marks it used; `false`: it was used or has expired already. */
  use(offerId: string): StoreAnswer<boolean>;
}

/** An admin's word for an order that Stripe does not back. */
export interface Vouch {
  readonly orderId: string;
  readonly reason: string;
  readonly actor: Actor;
  readonly at: Date;
}

export interface VouchStore {
  /** `false`: somebody has vouched for it already. */
  add(vouch: Omit<Vouch, 'at'>): StoreAnswer<boolean>;
  of(orderId: string): StoreAnswer<Vouch | null>;
}

/** The bot's own memory. */
export interface Store {
  readonly claims: ClaimStore;
  readonly offers: OfferStore;
  readonly audit: AuditLog;
  readonly vouches: VouchStore;
}

/** One sentence for staff. */
export function describeStoreFailure(failure: StoreFailure): string {
  switch (failure.kind) {
    case 'unreachable':
      return "The bot's own database cannot be reached.";
    case 'lost':
      return "The bot's own database did not answer in time.";
    case 'read-only':
      return "The bot's own database can only be read now.";
    case 'full':
      return "The bot's own database is full.";
    case 'broken':
      return "The bot's own database failed.";
  }
}
