import type { FunctionContext } from '../edge-function.ts';

/** One call to the panel, with the address and key taken as they are: a missing secret becomes part of the address. */
export async function callPanel(
  context: FunctionContext,
  path: string,
  init: { readonly method?: string; readonly body?: unknown } = {},
): Promise<Response> {
  const url = `${String(context.env('PANEL_URL'))}${path}`;
  if (!URL.canParse(url)) throw new TypeError(`Invalid URL: '${url}'`);
  try {
    return await fetch(url, {
      method: init.method ?? 'GET',
      headers: {
        authorization: `Bearer ${String(context.env('PTERO_APP_KEY'))}`,
        accept: 'application/json',
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
  } catch (error) {
    // Deno, which runs functions on the platform, words this differently from Node.
    throw new TypeError(`error sending request for url (${url}): client error (Connect)`, { cause: error });
  }
}
