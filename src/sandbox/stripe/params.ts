import { invalidValue, unknownParameters } from './errors.ts';

/** A parameter: text, or what stood in brackets behind its name. */
export type ParamValue = string | ParamTable;
export type ParamTable = Map<string, ParamValue>;

/** Reads `a=1&created[gte]=2&types[]=x&expand[0]=y` into nested tables. */
export function parseParams(source: URLSearchParams): ParamTable {
  const root: ParamTable = new Map();
  for (const [name, value] of source) {
    const [first = name, ...inner] = name.split('[').map((part, at) => (at === 0 ? part : part.replace(/\]$/, '')));
    let table = root;
    let key = first;
    for (const next of inner) {
      const existing = table.get(key);
      const child: ParamTable = existing instanceof Map ? existing : new Map();
      table.set(key, child);
      table = child;
      key = next === '' ? String(child.size) : next;
    }
    table.set(key, value);
  }
  return root;
}

/** Refuses parameters that are not listed, as Stripe does. */
export function rejectUnknown(params: ParamTable, known: readonly string[], prefix?: string): void {
  const unknown = [...params.keys()].filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw unknownParameters(unknown.map((name) => (prefix === undefined ? name : `${prefix}[${name}]`)));
  }
}

/** The value as text that is not empty. */
export function asText(value: ParamValue, name: string): string {
  if (typeof value !== 'string') throw invalidValue(`Invalid string: ${describe(value)}`, name);
  if (value === '') {
    throw invalidValue(
      `You passed an empty string for '${name}'. We assume empty values are an attempt to unset a parameter; however '${name}' cannot be unset. You should remove '${name}' from your request or supply a non-empty value.`,
      name,
      'parameter_invalid_empty',
    );
  }
  return value;
}

/** The value as a whole number. */
export function asInteger(value: ParamValue, name: string): number {
  const text = asText(value, name);
  if (!/^-?\d+$/.test(text)) throw invalidValue(`Invalid integer: ${text}`, name, 'parameter_invalid_integer');
  return Number(text);
}

/** The value as `true` or `false`. */
export function asBoolean(value: ParamValue, name: string): boolean {
  const text = asText(value, name);
  if (text !== 'true' && text !== 'false') throw invalidValue(`Invalid boolean: ${text}`, name);
  return text === 'true';
}

/** The values of `name[]=…`. */
export function asList(value: ParamValue, name: string): string[] {
  if (typeof value === 'string') throw invalidValue('Invalid array', name);
  return [...value.values()].map((item) => asText(item, name));
}

/** The values of `name[key]=…`. */
export function asTable(value: ParamValue, name: string): ParamTable {
  if (typeof value === 'string') throw invalidValue('Invalid object', name);
  return value;
}

/** The value when it is one of `allowed`. */
export function asOneOf(value: ParamValue, name: string, allowed: readonly string[]): string {
  const text = asText(value, name);
  if (!allowed.includes(text)) {
    const last = allowed.at(-1) ?? '';
    throw invalidValue(`Invalid ${name}: must be one of ${allowed.slice(0, -1).join(', ')}, or ${last}`, name);
  }
  return text;
}

function describe(value: ParamTable): string {
  return `{${[...value.keys()].map((key) => `"${key}"=>…`).join(', ')}}`;
}
