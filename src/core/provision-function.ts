import type { EdgeFunction, FunctionSettings } from './evidence.ts';
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

/** When one of the functions' secrets was changed last; `null` where that is not known. */
export function secretChangedAt(settings: Reading<FunctionSettings>, name: 'PANEL_URL' | 'PTERO_APP_KEY'): Date | null {
  if (settings.kind === 'unknown') return null;
  return settings.value.secrets.find((secret) => secret.name === name)?.updatedAt ?? null;
}

/** Whether the bot asks the panel with the very key of the function, so that its access speaks for the function's. */
export function holdsFunctionsKey(settings: Reading<FunctionSettings>): boolean {
  return settings.kind === 'known' && settings.value.comparison.panelKeyIsTheFunctions === true;
}
