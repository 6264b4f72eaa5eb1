import { AsyncLocalStorage } from 'node:async_hooks';

const inLite = new AsyncLocalStorage<true>();
let isInstalled = false;

/**
 * Runs work of `@supabase/lite` without its console output: it prints every refused query and has no setting against it.
 * Only what is printed from within this work is dropped.
 */
export function withoutLiteOutput<T>(work: () => T): T {
  install();
  return inLite.run(true, work);
}

function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  const target = globalThis.console;
  for (const method of ['error', 'warn', 'info', 'log'] as const) {
    const original = target[method].bind(target);
    target[method] = (...args: unknown[]) => {
      if (inLite.getStore() === undefined) original(...args);
    };
  }
}
