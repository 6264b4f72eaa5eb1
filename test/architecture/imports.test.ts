import { describe, expect, test } from 'vitest';
import { importsOf, importViolations } from './import-rules.ts';
import { filesIn } from './project-files.ts';

test('every import of the program points where it may', () => {
  expect(importViolations(filesIn(['src'], ['.ts']))).toEqual([]);
});

test('looking at no file at all is a violation', () => {
  expect(importViolations([])).toHaveLength(1);
});

const forbidden = [
  [
    'core an adapter',
    'src/core/checks/planted.ts',
    "import { createPanelReader } from '../../adapters/pterodactyl/index.ts';",
  ],
  [
    'core the type of an adapter',
    'src/core/planted.ts',
    "import type { PanelApi } from '../adapters/pterodactyl/api.ts';",
  ],
  ['core a package', 'src/core/planted.ts', "import { Stripe } from 'stripe';"],
  ['core a command', 'src/core/planted.ts', "export { serverStatus } from '../commands/server-status.ts';"],
  ['core the configuration', 'src/core/planted.ts', "import { readConfig } from '../config.ts';"],
  ['core the sandbox, when it runs', 'src/core/planted.ts', "const world = await import('../sandbox/index.ts');"],
  ['core a type in passing', 'src/core/planted.ts', "let client: import('undici').Client;"],
  ['core for its effect alone', 'src/core/planted.ts', "import '../main.ts';"],
  ['core over several lines', 'src/core/planted.ts', "import {\n  one,\n  two,\n} from '../sandbox/clock.ts';"],
  ['core what only running tells', 'src/core/planted.ts', 'const part = await import(name);'],
  ['core by an absolute path', 'src/core/planted.ts', "import { x } from '/src/core/money.ts';"],
  [
    'a command an adapter',
    'src/commands/planted.ts',
    "import { createPanelReader } from '../adapters/pterodactyl/index.ts';",
  ],
  ['a command another', 'src/commands/planted.ts', "import { serverStatus } from './server-status.ts';"],
  ['a command a package', 'src/commands/planted.ts', "import { Command } from 'commander';"],
  ['an adapter its sibling', 'src/adapters/stripe/planted.ts', "import { x } from '../supabase/index.ts';"],
  ['an adapter a command', 'src/adapters/terminal/planted.ts', "import { x } from '../../commands/server-status.ts';"],
  ['an adapter the sandbox', 'src/adapters/stripe/planted.ts', "import { x } from '../../sandbox/clock.ts';"],
  ['what adapters share an adapter', 'src/adapters/planted.ts', "import { x } from './stripe/index.ts';"],
  ['the sandbox an adapter', 'src/sandbox/panel/planted.ts', "import { x } from '../../adapters/http.ts';"],
  ['main the inside of an adapter', 'src/main.ts', "import { x } from './adapters/stripe/api.ts';"],
  [
    'a command of the terminal the inside of an adapter',
    'src/cli/planted.ts',
    "import { x } from '../adapters/store/postgres.ts';",
  ],
  ['the configuration an adapter', 'src/config.ts', "import { x } from './adapters/stripe/index.ts';"],
  ['the program a test', 'src/main.ts', "import { x } from '../test/builders/time.ts';"],
] as const;

describe('is reported:', () => {
  test.each(forbidden)('%s', (_, path, text) => {
    expect(importViolations([{ path, text }])).toHaveLength(1);
  });

  test('a file in a folder the rule does not know', () => {
    expect(importViolations([{ path: 'src/helpers/planted.ts', text: '' }])).toHaveLength(1);
  });
});

const allowed = [
  [
    'core itself, zod and node:',
    'src/core/a.ts',
    "import { z } from 'zod';\nimport { createHash } from 'node:crypto';\nimport { b } from './b.ts';",
  ],
  ['a command core and zod', 'src/commands/a.ts', "import { z } from 'zod';\nimport { b } from '../core/b.ts';"],
  ['the list of commands the commands', 'src/commands/index.ts', "import { serverStatus } from './server-status.ts';"],
  [
    'an adapter core, itself, what adapters share and packages',
    'src/adapters/stripe/a.ts',
    "import { Stripe } from 'stripe';\nimport { b } from '../../core/b.ts';\nimport { c } from './c.ts';\nimport { d } from '../http.ts';",
  ],
  [
    'main everything, adapters by their door',
    'src/main.ts',
    "import { x } from './adapters/stripe/index.ts';\nimport { y } from './sandbox/clock.ts';\nimport { z } from './commands/a.ts';\nimport { w } from './config.ts';",
  ],
] as const;

describe('is allowed:', () => {
  test.each(allowed)('%s', (_, path, text) => {
    expect(importsOf(text).length).toBeGreaterThan(0);
    expect(importViolations([{ path, text }])).toEqual([]);
  });
});

test('an import that is only mentioned in a comment is none', () => {
  expect(importsOf("// import { x } from 'stripe';\n/* await import('undici') */\nconst a = 1;")).toEqual([]);
});
