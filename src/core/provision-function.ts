import type { EdgeFunction } from './evidence.ts';
import type { Reading } from './reading.ts';

/** The function that turns a paid order into a server. */
export const provisionSlug = 'servers-provision';

/** The function as the project lists it, removed or not; `null`: the project does not list it. */
export function provisionFunctionIn(functions: readonly EdgeFunction[]): EdgeFunction | null {
  return functions.find((edgeFunction) => edgeFunction.slug === provisionSlug) ?? null;
}

/** When it was deployed last; `null` when that is not known. */
export function provisionChangedAt(functions: Reading<readonly EdgeFunction[]>): Date | null {
  return functions.kind === 'known' ? (provisionFunctionIn(functions.value)?.updatedAt ?? null) : null;
}
