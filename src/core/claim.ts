import type { ActionId } from './check.ts';
import type { Actor } from './actor.ts';

/** What a claim is held on: one live claim each, over all actions. For example `order:<uuid>`. */
export type ClaimSubject = `${'order' | 'session' | 'endpoint' | 'person'}:${string}`;

/**
 * How a write ended. `done`: it happened. `refused`: it certainly did not happen. `failed`: it ran, is over and said
 * that it failed; part of its work may be done. `unclear`: nobody knows whether it happened, or whether it still runs.
 */
export type StepEndKind = 'done' | 'refused' | 'failed' | 'unclear';

/** What a step reports about its write. */
export interface StepEnd {
  readonly kind: StepEndKind;
  /** For staff: what was answered. Cleaned foreign text at most; no e-mail address, no secret. */
  readonly words: string;
  /** What verification and later guards need to know of the answer. */
  readonly data?: Readonly<Record<string, string | number | boolean | null>>;
}

/** A write of a claim, recorded before it was begun and again when it ended. */
export interface StepRecord {
  readonly name: string;
  readonly begunAt: Date;
  /** `null`: under way, or the process died meanwhile. */
  readonly endedAt: Date | null;
  readonly end: StepEnd | null;
}

/** What became of an action, as verification saw it. */
export type OutcomeKind = 'applied' | 'not-applied' | 'pending' | 'unknown';

export interface Outcome {
  readonly kind: OutcomeKind;
  /** For staff: what was seen. */
  readonly words: string;
}

/** One attempt at one action, as the store holds it. */
export interface ClaimRecord {
  readonly id: string;
  readonly subject: ClaimSubject;
  readonly action: ActionId;
  /** 1 for the first attempt at this action on this subject; counted by the store. */
  readonly attempt: number;
  readonly actor: Actor;
  /** The person's reason, where the action asks for one. */
  readonly reason: string | null;
  /** What it acts on, as the action's own shape reads it. */
  readonly target: unknown;
  readonly steps: readonly StepRecord[];
  /** The process that works on it. */
  readonly holder: string;
  /** False: the process that held it has not been heard of in time. */
  readonly isHeld: boolean;
  readonly takenAt: Date;
  /** Until when it is watched at most, when it stays undecided. */
  readonly watchedUntil: Date;
  /** What was seen last; `null`: nothing yet. */
  readonly outcome: Outcome | null;
  /** `null`: live. */
  readonly closedAt: Date | null;
}
