/** SQLSTATE, PostgREST's own, or one word as class names and constants are written. Keys have digits amid letters. */
const plainCode = /^(?:[0-9A-Z]{5}|PGRST\d{1,3}|[A-Za-z]+(?:[_.-][A-Za-z]+)*)$/;
const longestCode = 60;

/** An upstream's error code where it looks like one, else `null`: anything could stand there, a key included. */
export function plainErrorCode(code: string | null | undefined): string | null {
  return code !== null && code !== undefined && code.length <= longestCode && plainCode.test(code) ? code : null;
}
