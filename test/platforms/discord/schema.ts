import type { ZodMiniType } from 'zod/mini';
import type { FormFault } from './refusal.ts';

type Issue = NonNullable<ReturnType<ZodMiniType['safeParse']>['error']>['issues'][number];

/** What Discord's published schema finds wrong in a request body, in Discord's own words. */
export function schemaFaults(
  schema: ZodMiniType,
  body: unknown,
  at: readonly (string | number)[] = [],
): readonly FormFault[] {
  const counted = countedInCodePoints(body);
  const parsed = schema.safeParse(counted);
  if (parsed.success) return [];
  return parsed.error.issues
    .flatMap((issue) => faultsOfIssue(issue, [], counted))
    .map((fault) => ({ ...fault, path: [...at, ...fault.path] }));
}

/** Discord counts code points where JavaScript counts UTF-16 units, and trims what people read. */
function countedInCodePoints(value: unknown): unknown {
  if (typeof value === 'string') return value.trim().replace(/[\u{10000}-\u{10ffff}]/gu, '\ufffd');
  if (Array.isArray(value)) return value.map(countedInCodePoints);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, countedInCodePoints(inner)]));
}

function faultsOfIssue(issue: Issue, above: readonly (string | number)[], body: unknown): readonly FormFault[] {
  const path = [...above, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  if (issue.code !== 'invalid_union') return [{ path, ...wordsOf(issue, isAbsent(body, path)) }];
  if (isAbsent(body, path)) return [{ path, ...required }];
  const chosen = branchMeant(issue.errors as readonly (readonly Issue[])[]);
  if (chosen !== null) return chosen.flatMap((inner) => faultsOfIssue(inner, path, body));
  const types = issue.errors.flatMap((errors) => errors.flatMap((error) => typeValuesOf(error as Issue) ?? []));
  if (types.length === 0) return [{ path, code: 'UNION_TYPE_CHOICES', message: 'Value fits none of the choices.' }];
  return [
    {
      path,
      code: 'UNION_TYPE_CHOICES',
      message: `Value of field "type" must be one of (${types.map(String).join(', ')}).`,
    },
  ];
}

/** The alternative whose `type` the value names; the value's other faults are the ones that matter. */
function branchMeant(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const fitting = branches.filter((issues) =>
    issues.every((issue) => typeValuesOf(issue) === null && (issue.path.length > 0 || branches.length === 1)),
  );
  const first = fitting[0];
  if (first === undefined) return null;
  return fitting.reduce((shortest, issues) => (issues.length < shortest.length ? issues : shortest), first);
}

function typeValuesOf(issue: Issue): readonly unknown[] | null {
  return issue.code === 'invalid_value' && issue.path.length === 1 && issue.path[0] === 'type' ? issue.values : null;
}

function wordsOf(issue: Issue, isAbsent: boolean): { readonly code: string; readonly message: string } {
  switch (issue.code) {
    case 'too_big':
      return issue.origin === 'number' || issue.origin === 'int'
        ? { code: 'NUMBER_TYPE_MAX', message: `int value should be less than or equal to ${issue.maximum}.` }
        : { code: 'BASE_TYPE_MAX_LENGTH', message: `Must be ${issue.maximum} or fewer in length.` };
    case 'too_small':
      if (issue.origin === 'number' || issue.origin === 'int') {
        return { code: 'NUMBER_TYPE_MIN', message: `int value should be greater than or equal to ${issue.minimum}.` };
      }
      return issue.minimum === 1 && issue.origin === 'string'
        ? required
        : { code: 'BASE_TYPE_MIN_LENGTH', message: `Must be ${issue.minimum} or more in length.` };
    case 'invalid_type':
      return isAbsent ? required : converted(issue.expected);
    case 'invalid_value':
      return { code: 'BASE_TYPE_CHOICES', message: `Value must be one of {${issue.values.map(String).join(', ')}}.` };
    case 'invalid_format':
      return issue.format === 'url'
        ? { code: 'URL_TYPE_INVALID_URL', message: 'Not a well formed URL.' }
        : { code: 'STRING_TYPE_REGEX', message: `Value is not a well formed ${issue.format}.` };
    default:
      return { code: 'BASE_TYPE_INVALID', message: 'The value is not valid.' };
  }
}

function isAbsent(body: unknown, path: readonly (string | number)[]): boolean {
  const value = path.reduce<unknown>(
    (inner, step) => (inner as Readonly<Record<string | number, unknown>> | null | undefined)?.[step],
    body,
  );
  return value === undefined || value === null;
}

const required = { code: 'BASE_TYPE_REQUIRED', message: 'This field is required' } as const;

function converted(expected: string): { readonly code: string; readonly message: string } {
  const names: Readonly<Record<string, string>> = {
    number: 'NUMBER',
    int: 'NUMBER',
    boolean: 'BOOLEAN',
    array: 'LIST',
  };
  const name = names[expected] ?? (expected === 'object' || expected === 'record' ? 'DICT' : 'STRING');
  return { code: `${name}_TYPE_CONVERT`, message: `Could not interpret value as ${expected}.` };
}
