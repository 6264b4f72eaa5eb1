import type { PanelNode, WingsView } from '../../core/evidence.ts';
import type { Answer } from '../../core/ports.ts';
import { fail, succeed } from '../../core/result.ts';
import { withDeadline } from '../deadline.ts';
import { type Exchange, exchange } from '../exchange.ts';

const KNOCK_MS = 2500;
const MAX_BYTES = 64 * 1024;
const plainHost = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i;

/**
 * Asks Wings for what it gives nobody without its token: being refused in its own way proves that network, TLS and
 * Wings are alive, as seen from where the bot runs. No key is ever sent. `null`: the node has no address to ask.
 */
export async function knock(node: PanelNode, signal: AbortSignal): Answer<WingsView | null> {
  const url = addressOf(node);
  if (url === null) return succeed(null);
  return withDeadline(signal, KNOCK_MS, async (deadline) => {
    const headers = { accept: 'application/json' };
    const ended = await exchange({
      url,
      method: 'GET',
      headers,
      body: null,
      maxBytes: MAX_BYTES,
      signal: deadline.signal,
    });
    if (signal.aborted) return fail({ source: 'pterodactyl', kind: 'timed-out', afterMs: deadline.elapsedMs() });
    return succeed({
      nodeId: node.id,
      nodeName: node.name,
      state: stateOf(ended),
      askedThrough: 'bot',
      power: null,
    });
  });
}

function addressOf({ scheme, fqdn, daemonPort }: PanelNode): string | null {
  const isUsable = ['http', 'https'].includes(scheme) && plainHost.test(fqdn) && daemonPort > 0 && daemonPort < 65_536;
  return isUsable ? `${scheme}://${fqdn}:${daemonPort}/api/system` : null;
}

function stateOf(ended: Exchange): WingsView['state'] {
  switch (ended.kind) {
    case 'answered':
      return ended.status === 401 && isErrorOfWings(ended.text) ? 'up' : 'failing';
    case 'no-connection':
    case 'aborted':
      return 'unreachable';
    case 'tls-refused':
    case 'too-large':
    case 'not-http':
      return 'failing';
  }
}

function isErrorOfWings(text: string): boolean {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string';
  } catch {
    return false;
  }
}
