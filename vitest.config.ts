import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { nodeFlags } from './test/support/node-flags.ts';

const cores = availableParallelism();
/** Half of its time a file waits for silent upstreams, lost answers and holds that run out: others use the cores then. */
const workers = cores + 2;

/** Whole worlds on shared processors are late at times; what is wrong is wrong a second time, too. */
const onBusyMachines = 1;

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The outside world is expected to fail in these tests; a rejection nobody awaited is a bug of ours.
    dangerouslyIgnoreUnhandledErrors: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/architecture/**/*.test.ts'],
          // Pure functions leave nothing behind, and a worker for each of the many files takes longer than its tests.
          isolate: false,
          maxWorkers: cores,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'contract',
          retry: onBusyMachines,
          include: ['test/contract/**/*.test.ts'],
          execArgv: nodeFlags,
          maxWorkers: workers,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          retry: onBusyMachines,
          include: ['test/e2e/**/*.test.ts'],
          execArgv: nodeFlags,
          maxWorkers: workers,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
