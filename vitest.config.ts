import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The outside world is expected to fail in these tests; a rejection nobody awaited is a bug of ours.
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
