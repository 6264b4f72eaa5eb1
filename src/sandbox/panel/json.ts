/** What a JSON text can hold. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Tells an object from the other JSON values. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Follows a dotted path; `undefined` means that the key is not there. */
export function valueAt(body: JsonObject, path: string): Json | undefined {
  let here: Json | undefined = body;
  for (const part of path.split('.')) {
    if (!isJsonObject(here) || !Object.hasOwn(here, part)) return undefined;
    here = here[part];
  }
  return here;
}
