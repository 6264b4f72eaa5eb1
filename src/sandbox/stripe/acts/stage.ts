import type { WorldClock } from '../../clock.ts';
import type { Outbox } from '../delivery.ts';
import type { IdSource } from '../ids.ts';
import type { StripeState } from '../state.ts';

/** What the acts of customers and of the shop's owner work on. */
export interface Stage {
  readonly state: StripeState;
  readonly clock: WorldClock;
  readonly ids: IdSource;
  readonly outbox: Outbox;
}

/** Whether the event of an act is sent at once; otherwise it stays pending until `redeliverPending`. */
export interface ActOptions {
  readonly deliver?: boolean;
}

/** The world's time in Unix seconds. */
export function secondsNow(stage: Stage): number {
  return Math.floor(stage.clock.now() / 1000);
}

/** The object of that id; a wrong id is a mistake of the caller, not of the world. */
export function mustFind<Item>(records: ReadonlyMap<string, Item>, id: string): Item {
  const record = records.get(id);
  if (record === undefined) throw new Error(`The sandbox's Stripe has no ${id}`);
  return record;
}
