import { exclusiveParameters, invalidValue, noSuch } from './errors.ts';
import { asInteger, asText, type ParamTable } from './params.ts';
import type { StoredRecord } from './scope.ts';
import type { StripeList } from './shapes.ts';

/** The parameters every list has. */
export const pagingParams = ['limit', 'starting_after', 'ending_before'] as const;

/** The page the request asks for, out of everything that matches, newest first. */
export function pageOf<Item extends StoredRecord>(
  matching: readonly Item[],
  params: ParamTable,
  list: { readonly url: string; readonly noun: string; readonly cursorExists: (id: string) => Item | null },
): StripeList<Item> {
  const limit = limitOf(params);
  const after = params.get('starting_after');
  const before = params.get('ending_before');
  if (after !== undefined && before !== undefined) throw exclusiveParameters('ending_before', 'starting_after');
  const cursor = (name: string, id: string): Item => {
    const found = list.cursorExists(id);
    if (found === null) throw noSuch(list.noun, id, name, 400, null);
    return found;
  };
  if (before !== undefined) {
    const until = cursor('ending_before', asText(before, 'ending_before'));
    const newer = matching.slice(0, positionOf(matching, until));
    const data = newer.slice(-limit);
    return { object: 'list', data, has_more: newer.length > data.length, url: list.url };
  }
  const from = after === undefined ? null : cursor('starting_after', asText(after, 'starting_after'));
  const older = from === null ? matching : matching.slice(positionOf(matching, from)).filter((item) => item !== from);
  const data = older.slice(0, limit);
  return { object: 'list', data, has_more: older.length > data.length, url: list.url };
}

/** Newest first; what was made in the same second, the later made first. */
export function newestFirst<Item extends StoredRecord>(records: Iterable<Item>): Item[] {
  return [...records].toReversed().sort((one, other) => other.created - one.created);
}

function limitOf(params: ParamTable): number {
  const given = params.get('limit');
  if (given === undefined) return 10;
  const limit = asInteger(given, 'limit');
  if (limit < 1) throw invalidValue('This value must be greater than or equal to 1.', 'limit');
  if (limit > 100) throw invalidValue('This value must be less than or equal to 100.', 'limit');
  return limit;
}

/** Where the cursor stands; a cursor that the filters leave out stands where it would be by its time. */
function positionOf<Item extends StoredRecord>(matching: readonly Item[], cursor: Item): number {
  const exact = matching.indexOf(cursor);
  if (exact >= 0) return exact;
  const older = matching.findIndex((item) => item.created < cursor.created);
  return older < 0 ? matching.length : older;
}
