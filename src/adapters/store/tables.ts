import type { Generated, JSONColumnType, Kysely, Transaction } from 'kysely';

interface ClaimsTable {
  readonly id: string;
  readonly subject: string;
  readonly action: string;
  readonly attempt: number;
  readonly actor: JSONColumnType<object, string>;
  readonly reason: string | null;
  readonly target: JSONColumnType<object, string>;
  readonly holder: string;
  readonly held_until: Date;
  readonly taken_at: Generated<Date>;
  readonly watched_until: Date;
  readonly outcome_kind: string | null;
  readonly outcome_words: string | null;
  readonly closed_at: Date | null;
}

interface ClaimStepsTable {
  readonly claim_id: string;
  readonly number: Generated<number>;
  readonly name: string;
  readonly begun_at: Generated<Date>;
  readonly ended_at: Date | null;
  readonly end_kind: string | null;
  readonly end_words: string | null;
  readonly end_data: JSONColumnType<object, string | null, string | null> | null;
}

interface OffersTable {
  readonly id: string;
  readonly action: string;
  readonly subject: string;
  readonly digest: string;
  readonly permission: string;
  readonly expires_at: Date;
  readonly used_at: Date | null;
}

interface AuditTable {
  readonly number: Generated<number>;
  readonly at: Generated<Date>;
  readonly event: string;
  readonly actor: JSONColumnType<object, string>;
  readonly action: string;
  readonly subject: string;
  readonly claim_id: string | null;
  readonly words: string;
}

interface VouchesTable {
  readonly order_id: string;
  readonly reason: string;
  readonly actor: JSONColumnType<object, string>;
  readonly at: Generated<Date>;
}

/** The tables as the migrations leave them. */
export interface Tables {
  readonly 'pterodoc.claims': ClaimsTable;
  readonly 'pterodoc.claim_steps': ClaimStepsTable;
  readonly 'pterodoc.offers': OffersTable;
  readonly 'pterodoc.audit': AuditTable;
  readonly 'pterodoc.vouches': VouchesTable;
}

/** The bot's own tables, in a Postgres or embedded. */
export type Database = Kysely<Tables>;

/** Several statements that happen together or not at all. */
export type DatabaseTransaction = Transaction<Tables>;

/** A database that is open and up to date. */
export interface OpenDatabase {
  readonly kind: 'opened';
  readonly database: Database;
  /** Closes what is below the database too; `destroy` of the query builder closes only what was ever asked. */
  close(): Promise<void>;
}
