import { posix } from 'node:path';
import type { ProjectFile } from './project-files.ts';

/** Where a source file belongs, which decides what it may import. */
type Part =
  | { readonly kind: 'core' | 'commands' | 'sandbox' | 'adapter-shared' | 'wiring' | 'root' }
  | { readonly kind: 'adapter'; readonly folder: string };

const partNames = {
  core: 'src/core',
  commands: 'src/commands',
  sandbox: 'src/sandbox',
  'adapter-shared': 'a file directly in src/adapters',
  adapter: 'an adapter',
  wiring: 'the wiring',
  root: 'a file directly in src',
} as const;

/** Everything in `files` that breaks the import rule, in words. Nothing to look at is a violation too. */
export function importViolations(files: readonly ProjectFile[]): readonly string[] {
  if (files.length === 0) return ['No source file was found, so nothing was checked.'];
  return files.flatMap((file) => {
    const part = partOf(file.path);
    if (part === null) return [`${file.path} belongs to no part of the program that the import rule knows.`];
    return importsOf(file.text).flatMap((specifier) => {
      const reason = whyForbidden(part, file.path, specifier);
      return reason === null ? [] : [`${file.path} imports ${specifier}: ${reason}`];
    });
  });
}

const STATIC_IMPORT = /^[ \t]*(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*(['"])(.+?)\1/gm;
const CALLED_IMPORT = /\bimport\s*\(\s*([^)]*)/g;

/** What a source imports, for values or for types. A path that is only known when it runs stays as it is written. */
export function importsOf(text: string): readonly string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return [
    ...[...code.matchAll(STATIC_IMPORT)].map((match) => match[2] ?? ''),
    ...[...code.matchAll(CALLED_IMPORT)].map((match) => {
      const written = (match[1] ?? '').trim();
      return /^(['"])(.+)\1$/.exec(written)?.[2] ?? `(${written})`;
    }),
  ];
}

function partOf(path: string): Part | null {
  const [top, first, second, third] = path.split('/');
  if (top !== 'src' || first === undefined) return null;
  if (second === undefined) return { kind: first === 'main.ts' || first === 'cli.ts' ? 'wiring' : 'root' };
  if (first === 'cli') return { kind: 'wiring' };
  if (first === 'core' || first === 'commands' || first === 'sandbox') return { kind: first };
  if (first !== 'adapters') return null;
  return third === undefined ? { kind: 'adapter-shared' } : { kind: 'adapter', folder: second };
}

function whyForbidden(part: Part, path: string, specifier: string): string | null {
  if (specifier.startsWith('(')) return 'nobody can tell what this loads.';
  if (!specifier.startsWith('.')) return whyForbiddenPackage(part, specifier);
  const target = posix.join(posix.dirname(path), specifier);
  const to = partOf(target);
  if (to === null) return 'that is outside src.';
  switch (part.kind) {
    case 'wiring':
      return to.kind === 'adapter' && !isDoor(target) ? 'an adapter is entered by its index.ts.' : null;
    case 'adapter':
      if (to.kind === 'core' || to.kind === 'adapter-shared') return null;
      if (to.kind === 'adapter' && to.folder === part.folder) return null;
      return to.kind === 'adapter' ? 'an adapter never sees its sibling.' : onlyFrom(part, ['core', 'adapter-shared']);
    case 'adapter-shared':
      return allowOnly(part, to, ['core', 'adapter-shared']);
    case 'sandbox':
      return allowOnly(part, to, ['core', 'sandbox']);
    case 'commands':
      // The list of the commands is the one file that knows them.
      return allowOnly(part, to, path === 'src/commands/index.ts' ? ['core', 'commands'] : ['core']);
    case 'core':
      return allowOnly(part, to, ['core']);
    case 'root':
      return allowOnly(part, to, ['core', 'root']);
  }
}

function whyForbiddenPackage({ kind }: Part, specifier: string): string | null {
  if (/^(?:\/|#|file:|pterodoc(?:\/|$))/.test(specifier)) return 'files of the program are imported by relative paths.';
  if (kind === 'core' && specifier !== 'zod' && !specifier.startsWith('node:')) {
    return 'core imports no package but zod and node:.';
  }
  if (kind === 'commands' && specifier !== 'zod') return 'commands import no package but zod.';
  return null;
}

function allowOnly(part: Part, to: Part, allowed: readonly Part['kind'][]): string | null {
  return allowed.includes(to.kind) ? null : onlyFrom(part, allowed);
}

function onlyFrom(part: Part, allowed: readonly Part['kind'][]): string {
  return `${partNames[part.kind]} imports only from ${allowed.map((kind) => partNames[kind]).join(' and ')}.`;
}

function isDoor(path: string): boolean {
  return /^src\/adapters\/[^/]+\/index\.ts$/.test(path);
}
