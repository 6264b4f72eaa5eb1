import type { ActionEngine } from '../../src/core/act.ts';

/** At which question to the outside an engine stops for ever, as a killed process does. */
export interface Death {
  /** Counted over its store and the ports of its actions, from 1. */
  readonly atCall: number;
  /** Whether that one call still happens. */
  readonly afterIt: boolean;
}

/** An engine that stops in the middle: nothing it asks for comes back any more, and nothing more is asked. */
export function mortalEngine(
  engine: ActionEngine,
  death: Death,
): { readonly engine: ActionEngine; died: Promise<void> } {
  let calls = 0;
  let isDead = false;
  const { promise: died, resolve: tellDeath } = Promise.withResolvers<void>();
  const never = new Promise<never>(() => undefined);
  const die = (): Promise<never> => {
    isDead = true;
    tellDeath();
    return never;
  };

  async function call(ask: () => unknown): Promise<unknown> {
    if (isDead) return never;
    calls += 1;
    const isLast = calls === death.atCall;
    if (isLast && !death.afterIt) return die();
    const answer = await ask();
    return isLast || isDead ? die() : answer;
  }

  const mortal = <T extends object>(living: T): T =>
    new Proxy(living, {
      get(target, key, receiver): unknown {
        const value: unknown = Reflect.get(target, key, receiver);
        if (typeof value === 'function') return (...given: unknown[]) => call(() => value.apply(target, given));
        return typeof value === 'object' && value !== null ? mortal(value) : value;
      },
    });

  return {
    engine: { ...engine, store: mortal(engine.store), openPorts: () => mortal(engine.openPorts()) },
    died,
  };
}
