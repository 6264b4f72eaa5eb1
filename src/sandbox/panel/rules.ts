import { crashed, type RuleFailure } from './errors.ts';
import { isJsonObject, type Json, type JsonObject, valueAt } from './json.ts';

/** A rule that needs more than the value, for example whether a row exists. Null and absent values never reach it. */
export interface CustomRule {
  readonly name: string;
  readonly detail: (attribute: string) => string;
  passes(value: Json): boolean;
}

/** One rule, in the panel's own notation (`max:191`) or custom. */
export type Rule = string | CustomRule;

/** Field path to its rules; a last part `*` means every item of an array. */
export type Rules = Readonly<Record<string, readonly Rule[]>>;

/** Splits `required|string|max:20`. */
export const parseRules = (text: string): string[] => text.split('|').filter((rule) => rule !== '');

/** Checks a body against rules the way the panel's framework does, in the order of the rules. */
export function checkRules(
  body: JsonObject,
  rules: Rules,
  names: Readonly<Record<string, string>> = {},
): RuleFailure[] {
  return Object.entries(rules).flatMap(([path, fieldRules]) =>
    expand(body, path).flatMap((field) =>
      checkField(field, valueAtOrItem(body, field), fieldRules, names[field] ?? field.replaceAll('_', ' '), body),
    ),
  );
}

function expand(body: JsonObject, path: string): string[] {
  if (!path.endsWith('.*')) return [path];
  const parent = path.slice(0, -2);
  const list = valueAt(body, parent);
  return Array.isArray(list) ? list.map((_, index) => `${parent}.${index}`) : [];
}

function valueAtOrItem(body: JsonObject, field: string): Json | undefined {
  const item = /^(.*)\.(\d+)$/.exec(field);
  const list = item?.[1] === undefined ? undefined : valueAt(body, item[1]);
  return Array.isArray(list) ? list[Number(item?.[2])] : valueAt(body, field);
}

function checkField(
  field: string,
  value: Json | undefined,
  rules: readonly Rule[],
  attribute: string,
  body: JsonObject,
): RuleFailure[] {
  if (rules.includes('sometimes') && value === undefined) return [];
  const failures: RuleFailure[] = [];
  for (const rule of rules) {
    if (typeof rule !== 'string') {
      if (failures.length === 0 && value !== undefined && value !== null && !rule.passes(value)) {
        failures.push({ field, rule: rule.name, detail: rule.detail(attribute) });
      }
      continue;
    }
    const { name, argument } = splitRule(rule);
    if (MODIFIERS.has(name)) continue;
    const implicit = IMPLICIT[name];
    if (implicit !== undefined) {
      const detail = implicit(value, argument, attribute, body);
      if (detail === null) continue;
      failures.push({ field, rule: name, detail });
      return failures;
    }
    if (value === undefined || (value === null && rules.includes('nullable'))) continue;
    const judge = ORDINARY[name];
    if (judge === undefined) throw crashed('BadMethodCallException');
    const detail = judge(value, argument, attribute, isNumericField(rules));
    if (detail !== null) failures.push({ field, rule: name, detail });
  }
  return failures;
}

function splitRule(rule: string): { name: string; argument: string } {
  const at = rule.indexOf(':');
  return at < 0 ? { name: rule, argument: '' } : { name: rule.slice(0, at), argument: rule.slice(at + 1) };
}

const isNumericField = (rules: readonly Rule[]): boolean => rules.includes('numeric') || rules.includes('integer');

const isEmpty = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === 'string' && value.trim() === '') ||
  (Array.isArray(value) && value.length === 0) ||
  (isJsonObject(value) && Object.keys(value).length === 0);

const MODIFIERS = new Set(['sometimes', 'nullable', 'bail']);

/** Rules that also judge a field that is not there. They answer the complaint, or null. */
const IMPLICIT: Readonly<
  Record<string, (value: Json | undefined, argument: string, attribute: string, body: JsonObject) => string | null>
> = {
  required: (value, _, attribute) => (isEmpty(value) ? `The ${attribute} field is required.` : null),
  present: (value, _, attribute) => (value === undefined ? `The ${attribute} field must be present.` : null),
  required_with: (value, other, attribute, body) =>
    !isEmpty(valueAt(body, other)) && isEmpty(value)
      ? `The ${attribute} field is required when ${other} is present.`
      : null,
};

type Judge = (value: Json, argument: string, attribute: string, isNumeric: boolean) => string | null;

const matching =
  (pattern: RegExp, complaint: string): Judge =>
  (value, _, attribute) =>
    (typeof value === 'string' || typeof value === 'number') && pattern.test(String(value))
      ? null
      : `The ${attribute} ${complaint}`;

/** What `min`, `max`, `between` and `size` measure: the number itself, the count of items, or the characters. */
function sizeOf(value: Json, isNumeric: boolean): { size: number; unit: string } {
  if (isNumeric && isNumber(value)) return { size: Number(value), unit: '' };
  if (Array.isArray(value)) return { size: value.length, unit: ' items' };
  if (isJsonObject(value)) return { size: Object.keys(value).length, unit: ' items' };
  return { size: [...String(value ?? '')].length, unit: ' characters' };
}

const isNumber = (value: Json): boolean =>
  typeof value === 'number' || (typeof value === 'string' && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value));

const bounded =
  (holds: (size: number, limits: readonly number[]) => boolean, words: (argument: string) => string): Judge =>
  (value, argument, attribute, isNumeric) => {
    const { size, unit } = sizeOf(value, isNumeric);
    return holds(size, argument.split(',').map(Number)) ? null : `The ${attribute} must be ${words(argument)}${unit}.`;
  };

const ORDINARY: Readonly<Record<string, Judge>> = {
  string: (value, _, attribute) => (typeof value === 'string' ? null : `The ${attribute} must be a string.`),
  array: (value, _, attribute) =>
    Array.isArray(value) || isJsonObject(value) ? null : `The ${attribute} must be an array.`,
  numeric: (value, _, attribute) => (isNumber(value) ? null : `The ${attribute} must be a number.`),
  integer: (value, _, attribute) =>
    Number.isInteger(value) || (typeof value === 'string' && /^[+-]?\d+$/.test(value))
      ? null
      : `The ${attribute} must be an integer.`,
  boolean: (value, _, attribute) =>
    [true, false, 0, 1, '0', '1'].some((accepted) => accepted === value)
      ? null
      : `The ${attribute} field must be true or false.`,
  email: matching(/^[^\s@]+@[^\s@]+$/, 'must be a valid email address.'),
  url: matching(/^https?:\/\/\S+$/i, 'format is invalid.'),
  alpha: matching(/^\p{L}+$/u, 'may only contain letters.'),
  alpha_num: matching(/^[\p{L}\p{N}]+$/u, 'may only contain letters and numbers.'),
  alpha_dash: matching(/^[\p{L}\p{N}_-]+$/u, 'may only contain letters, numbers, and dashes.'),
  regex: (value, pattern, attribute) =>
    (typeof value === 'string' || typeof value === 'number') && toRegExp(pattern).test(String(value))
      ? null
      : `The ${attribute} format is invalid.`,
  in: (value, list, attribute) =>
    list.split(',').includes(String(value)) ? null : `The selected ${attribute} is invalid.`,
  not_in: (value, list, attribute) =>
    list.split(',').includes(String(value)) ? `The selected ${attribute} is invalid.` : null,
  digits: (value, count, attribute) =>
    new RegExp(`^\\d{${count}}$`).test(String(value)) ? null : `The ${attribute} must be ${count} digits.`,
  digits_between: (value, range, attribute) =>
    new RegExp(`^\\d{${range}}$`).test(String(value))
      ? null
      : `The ${attribute} must be between ${range.replace(',', ' and ')} digits.`,
  min: bounded(
    (size, [least = 0]) => size >= least,
    (least) => `at least ${least}`,
  ),
  max: bounded(
    (size, [most = 0]) => size <= most,
    (most) => `at most ${most}`,
  ),
  size: bounded(
    (size, [exact]) => size === exact,
    (exact) => exact,
  ),
  between: bounded(
    (size, [least = 0, most = 0]) => size >= least && size <= most,
    (range) => `between ${range.replace(',', ' and ')}`,
  ),
};

/** Reads `/^[a-z]+$/i`; a pattern the machine cannot read is a crash of the panel too. */
function toRegExp(pattern: string): RegExp {
  const delimited = /^(.)(.*)\1([a-z]*)$/s.exec(pattern);
  try {
    return new RegExp(delimited?.[2] ?? pattern, (delimited?.[3] ?? '').replace(/[^ims]/g, ''));
  } catch {
    throw crashed('ErrorException');
  }
}
