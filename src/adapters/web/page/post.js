/** Who this window is, as its address says. */
export const persona = new URLSearchParams(location.search).get('as') ?? '';

/** This window's own name: it survives a reload, and nobody else can guess it. */
export const windowId = ownId();

function ownId() {
  const key = `window:${persona}`;
  const stored = sessionStorage.getItem(key);
  if (stored !== null) return stored;
  const drawn = crypto.randomUUID();
  sessionStorage.setItem(key, drawn);
  return drawn;
}

/**
 * Sends a wish to the server. What cannot be done is told in words that can be shown as they are.
 *
 * @param {string} path
 * @param {object} body
 * @returns {Promise<{ readonly ok: true, readonly value: Record<string, unknown> } | { readonly ok: false, readonly trouble: string }>}
 */
export async function post(path, body) {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const value = await response.json();
    if (response.ok) return { ok: true, value };
    return { ok: false, trouble: typeof value.trouble === 'string' ? value.trouble : 'That did not work.' };
  } catch {
    return { ok: false, trouble: 'The server cannot be reached. Nothing was sent; try again in a moment.' };
  }
}

/**
 * An element that the page was served with.
 *
 * @template {HTMLElement} E
 * @param {string} selector
 * @param {new () => E} type
 * @param {ParentNode} root
 * @returns {E}
 */
export function part(selector, type, root = document) {
  const found = root.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`the page lacks ${selector}`);
  return found;
}
