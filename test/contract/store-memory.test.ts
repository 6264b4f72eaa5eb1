import { describe } from 'vitest';
import { createMemoryStore } from '../support/memory-store.ts';
import { describeStore } from './store.suite.ts';

describe('the store that tests of the engine use', () => {
  const store = createMemoryStore();
  describeStore(() => ({ ...store, kind: 'embedded', close: async () => undefined }));
});
