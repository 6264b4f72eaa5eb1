import type { Sandbox } from '../index.ts';
import { createTurns } from '../turns.ts';
import { type Act, type ActStory, actsOf } from './acts.ts';
import { type Trouble, type TroubleStory, troublesOf } from './list.ts';

export type { ActStory } from './acts.ts';
export type { TroubleGroup, TroubleStory } from './list.ts';

/** A trouble and whether the world suffers from it. */
export interface ListedTrouble extends TroubleStory {
  readonly isBroken: boolean;
}

/**
 * What visitors of the sandbox can break, mend and let happen. Troubles are broken and mended one
 * after the other, and so do acts happen.
 */
export interface Troubles {
  list(): Promise<readonly ListedTrouble[]>;
  /** A second time changes nothing. */
  break(troubleId: string): Promise<void>;
  /** Leaves the world as it was before, whatever else is still broken. */
  mend(troubleId: string): Promise<void>;
  mendAll(): Promise<void>;
  readonly acts: readonly ActStory[];
  /** Lets something happen once to a person (by e-mail address) or an order (by id). Rejects with the reason. */
  happen(actId: string, who: string): Promise<void>;
}

/** A visitor asked for something that does not exist or cannot be; the message is a sentence for that person. */
export class TroubleRefused extends Error {
  override readonly name = 'TroubleRefused';
}

/** The troubles of one sandbox; there is only one set of them for each. */
export function createTroubles(sandbox: Sandbox): Troubles {
  const troubles = troublesOf(sandbox);
  const acts = actsOf(sandbox, (reason) => new TroubleRefused(reason));
  const inTurn = createTurns();
  // An act may wait for deliveries that a trouble holds up; mending must not wait for the act.
  const actInTurn = createTurns();

  const troubleCalled = (id: string): Trouble => {
    const trouble = troubles.find((one) => one.id === id);
    if (trouble === undefined) throw new TroubleRefused(`There is no trouble "${id}" in the sandbox.`);
    return trouble;
  };
  const actCalled = (id: string): Act => {
    const act = acts.find((one) => one.id === id);
    if (act === undefined) throw new TroubleRefused(`Nothing called "${id}" can happen in the sandbox.`);
    return act;
  };

  return {
    list: () =>
      inTurn(async () => {
        const listed: ListedTrouble[] = [];
        for (const { levers, ...story } of troubles) listed.push({ ...story, isBroken: await isAnyPulled(levers) });
        return listed;
      }),
    break: (id) =>
      inTurn(async () => {
        const trouble = troubleCalled(id);
        try {
          for (const lever of trouble.levers) await lever.pull();
        } catch (error) {
          await release(trouble);
          throw error;
        }
      }),
    mend: (id) => inTurn(async () => release(troubleCalled(id))),
    mendAll: () =>
      inTurn(async () => {
        for (const trouble of troubles) await release(trouble);
      }),
    acts: acts.map(({ id, title, what, leadsTo }) => ({ id, title, what, leadsTo })),
    happen: (id, who) => actInTurn(async () => actCalled(id).happen(who)),
  };
}

async function isAnyPulled(levers: Trouble['levers']): Promise<boolean> {
  for (const lever of levers) if (await lever.isPulled()) return true;
  return false;
}

async function release({ levers }: Trouble): Promise<void> {
  for (const lever of levers) await lever.release();
}
