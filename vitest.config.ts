import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The outside world is expected to fail in these tests; a rejection nobody awaited is a bug of ours.
    dangerouslyIgnoreUnhandledErrors: false,
    // Most of the time a test here waits for a silent upstream: even two cores are better used by two files.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/architecture/**/*.test.ts'],
          // Pure functions leave nothing behind, and a worker for each of the many files takes longer than its tests.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'outside', include: ['test/contract/**/*.test.ts', 'test/e2e/**/*.test.ts'] } },
    ],
  },
});
