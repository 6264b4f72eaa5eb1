import { describe, expect, test } from 'vitest';
import { filesIn, filesOfRoot, type ProjectFile, projectRoot } from './project-files.ts';

interface Rule {
  readonly says: string;
  /** Which files it speaks of. */
  readonly about: (path: string) => boolean;
  readonly isBroken: (file: ProjectFile) => boolean;
  readonly planted: ProjectFile;
}

const isCode = (path: string): boolean => /\.(?:ts|js)$/.test(path);
const isTest = (path: string): boolean => path.startsWith('test/');
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
// The brackets keep this file from holding what it looks for.
const unfinished = /\b(?:TO[D]O|FIX[M]E)\b/;
const skipping = new RegExp(
  `\\b(?:test|it|describe|bench)(?:\\.\\w+)*\\.(?:${['only', 'skip', 'skipIf', 'runIf', 'todo', 'fails'].join('|')})\\b`,
);
const machinePath =
  /(?<![\w.:/\]-])(?:\/(?:Users|root|work|workspace|builds)\/[\w.-]|\/home\/(?!container\b)[\w.-]|[A-Z]:\\Users\\)/;

const rules: readonly Rule[] = [
  {
    says: 'files are named in kebab-case',
    about: (path) => isCode(path) || path.startsWith('docs/'),
    isBroken: ({ path }) => !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)+$/.test(nameOf(path)),
    planted: { path: 'src/core/freeMemory.ts', text: '' },
  },
  {
    says: 'no file is called after nothing in particular',
    about: isCode,
    isBroken: ({ path }) => /(?:^|[/-])(?:utils?|common|misc|helpers?|manager)(?:[./-]|$)/.test(path),
    planted: { path: 'src/core/order-utils.ts', text: '' },
  },
  {
    says: 'no module has a default export',
    about: (path) => isCode(path) && path !== 'vitest.config.ts',
    isBroken: ({ text }) => /^export (?:default\b|\{[^}]*\bas default\b)/m.test(text),
    planted: { path: 'src/core/planted.ts', text: `export ${'default'} 1;` },
  },
  {
    says: 'nothing is left for later in a comment',
    about: () => true,
    isBroken: ({ text }) => unfinished.test(text),
    planted: { path: 'src/core/planted.ts', text: `// ${'TO'}DO: the rest` },
  },
  {
    says: 'no file speaks of the machine it was written on',
    about: () => true,
    isBroken: ({ text }) => text.includes(projectRoot) || machinePath.test(text),
    planted: { path: 'docs/planted.md', text: ['see ', 'Users', 'ada', 'notes.md'].join('/') },
  },
  {
    says: 'every test runs, alone or with all others',
    about: isTest,
    isBroken: ({ text }) => skipping.test(text),
    planted: { path: 'test/unit/planted.test.ts', text: `test.${'only'}('one', () => undefined);` },
  },
  {
    says: 'every test lies where the runner looks',
    about: (path) => path.endsWith('.test.ts'),
    isBroken: ({ path }) => !/^test\/(?:unit|architecture|contract|e2e)\//.test(path),
    planted: { path: 'test/support/planted.test.ts', text: '' },
  },
];

const everything = [
  ...filesIn(['src', 'test', 'bin', 'bench', 'chaos', 'docs', 'supabase', '.ci'], ['']),
  ...filesOfRoot(['.ts', '.md', '.json', '.example']),
].filter(({ path }) => path !== 'package-lock.json');

describe.each(rules)('$says', ({ about, isBroken, planted }) => {
  test('in every file', () => {
    const looked = everything.filter(({ path }) => about(path));
    expect(looked.length).toBeGreaterThan(0);
    expect(looked.filter(isBroken).map(({ path }) => path)).toEqual([]);
  });

  test('and a file that does otherwise is noticed', () => {
    expect(about(planted.path) && isBroken(planted)).toBe(true);
  });
});
