/** One thing that is wrong with a JSON value, and where. */
export interface Problem {
  readonly message: string;
  /** A JSON pointer, for example `/blocks/0/text`. */
  readonly at: string;
}

/** What is wrong with a value at a place; nothing when it fits. */
export type Shape = (value: unknown, at: string) => readonly Problem[];

/** A JSON object as it arrives from outside. */
export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A property that may be absent. */
export interface Optional {
  readonly optional: Shape;
}

export function optional(shape: Shape): Optional {
  return { optional: shape };
}

/** A string, its length counted in UTF-16 units, which are never fewer than what Slack counts. */
export function string(limits: { min?: number; max?: number; pattern?: RegExp } = {}): Shape {
  const { min = 0, max = Number.POSITIVE_INFINITY, pattern } = limits;
  return (value, at) => {
    if (typeof value !== 'string') return [{ message: 'must provide a string', at }];
    const { length } = value;
    if (length < min) return [{ message: `must be more than ${min - 1} characters`, at }];
    if (length > max) return [{ message: `must be less than ${max + 1} characters`, at }];
    if (pattern !== undefined && !pattern.test(value)) return [{ message: `does not match pattern ${pattern}`, at }];
    return [];
  };
}

export const boolean: Shape = (value, at) =>
  typeof value === 'boolean' ? [] : [{ message: 'must provide a boolean', at }];

export function integer(min: number, max: number): Shape {
  return (value, at) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max
      ? []
      : [{ message: `must be an integer between ${min} and ${max}`, at }];
}

export function oneOf(...allowed: readonly string[]): Shape {
  return (value, at) =>
    typeof value === 'string' && allowed.includes(value)
      ? []
      : [{ message: `must be one of ${allowed.join(', ')}`, at }];
}

/** An object with these properties and no others; `type` itself is looked at by `byType`. */
export function object(properties: Readonly<Record<string, Shape | Optional>>): Shape {
  return (value, at) => {
    if (!isJson(value)) return [{ message: 'must provide an object', at }];
    const unknown = Object.keys(value).filter((key) => value[key] !== undefined && !(key in properties));
    const problems: Problem[] = unknown.map((key) => ({ message: `invalid additional property: ${key}`, at }));
    for (const [key, rule] of Object.entries(properties)) {
      const isMissing = value[key] === undefined;
      if (typeof rule === 'function') {
        problems.push(
          ...(isMissing ? [{ message: `missing required field: ${key}`, at }] : rule(value[key], `${at}/${key}`)),
        );
      } else if (!isMissing) problems.push(...rule.optional(value[key], `${at}/${key}`));
    }
    return problems;
  };
}

export function array(item: Shape, limits: { min?: number; max?: number } = {}): Shape {
  const { min = 0, max = Number.POSITIVE_INFINITY } = limits;
  return (value, at) => {
    if (!Array.isArray(value)) return [{ message: 'must provide an array', at }];
    if (value.length > max) return [{ message: `no more than ${max} items allowed`, at }];
    if (value.length < min) return [{ message: `no less than ${min} items allowed`, at }];
    return value.flatMap((one, index) => item(one, `${at}/${index}`));
  };
}

/** Objects that name their kind in `type`. */
export function byType(kinds: Readonly<Record<string, Shape>>): Shape {
  return (value, at) => {
    if (!isJson(value)) return [{ message: 'must provide an object', at }];
    const kind = typeof value['type'] === 'string' ? kinds[value['type']] : undefined;
    return kind === undefined
      ? [{ message: `unsupported type: ${String(value['type'])}`, at: `${at}/type` }]
      : kind(value, at);
  };
}

/** As Slack reports a nested object: the object itself does not fit, and why. */
export function nested(shape: Shape): Shape {
  return (value, at) => {
    const problems = shape(value, at);
    return problems.length === 0 ? [] : [{ message: 'failed to match all allowed schemas', at }, ...problems];
  };
}

/** Adds a condition between the properties of an object that is otherwise of this shape. */
export function both(shape: Shape, ...conditions: readonly Shape[]): Shape {
  return (value, at) => {
    const problems = shape(value, at);
    return problems.length > 0 ? problems : conditions.flatMap((condition) => condition(value, at));
  };
}

/** A condition on an object, with the words for when it is broken. */
export function must(message: string, holds: (value: Json) => boolean): Shape {
  return (value, at) => (isJson(value) && holds(value) ? [] : [{ message, at }]);
}
