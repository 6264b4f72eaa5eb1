import type { PanelNode, WingsView } from '../../core/evidence.ts';
import type { Answer, PanelReader } from '../../core/ports.ts';
import { succeed } from '../../core/result.ts';
import { type HttpAnswer, requestJson } from '../http.ts';
import { baseOf, panelHeaders, parseAs } from './api.ts';
import { codeOf, readPanelRefusal, refusalOf } from './failures.ts';
import { knock } from './knock.ts';
import { itemOf, resourcesShape } from './shapes.ts';

/** Whether a node's Wings answers, asked through the panel where that is possible, else directly. */
export function createWingsReads(config: {
  readonly url: string;
  readonly clientKey: string | null;
  readonly timeoutMs: number;
}): Pick<PanelReader, 'wings'> {
  /** `null` when this way is closed for the server or the key, which says nothing about Wings. */
  async function askThroughPanel(
    key: string,
    node: PanelNode,
    identifier: string,
    signal: AbortSignal,
  ): Answer<WingsView | null> {
    const url = new URL(`${baseOf(config.url)}/api/client/servers/${encodeURIComponent(identifier)}/resources`);
    const answer = await requestJson({
      source: 'pterodactyl',
      url: url.href,
      headers: panelHeaders(key),
      timeoutMs: config.timeoutMs,
      signal,
      retries: 0,
      codeOf,
      readRefusal: (refused) =>
        isOfWings(refused) ? 'answer' : readPanelRefusal('the client key', url.pathname, refused),
    });
    if (!answer.ok) {
      const isClosed = ['credentials-rejected', 'not-permitted', 'request-refused'].includes(answer.failure.kind);
      return isClosed ? succeed(null) : answer;
    }
    if (answer.value.status === 404) return succeed(null);
    if (answer.value.status >= 400) return succeed(viewOf(node, stateOf(answer.value), null));
    const resources = parseAs(itemOf(resourcesShape), answer.value.json, url.pathname);
    return resources.ok ? succeed(viewOf(node, 'up', resources.value.current_state)) : resources;
  }

  return {
    async wings(node, server, signal) {
      if (config.clientKey === null || server === null) return knock(node, signal);
      const seen = await askThroughPanel(config.clientKey, node, server.identifier, signal);
      // A host that drops packets keeps the panel waiting longer than this call may take.
      const isUndecided = seen.ok ? seen.value === null : seen.failure.kind === 'timed-out' && !signal.aborted;
      return isUndecided ? knock(node, signal) : seen;
    },
  };
}

function viewOf(node: PanelNode, state: WingsView['state'], power: string | null): WingsView {
  return { nodeId: node.id, nodeName: node.name, state, askedThrough: 'panel', power };
}

function isOfWings({ json }: HttpAnswer): boolean {
  return codeOf(json) === 'DaemonConnectionException';
}

/** The panel hides what Wings answered behind one status and tells it in words only. */
function stateOf({ json }: HttpAnswer): WingsView['state'] {
  const detail = refusalOf(json)?.detail ?? '';
  if (detail.startsWith('Could not establish')) return 'unreachable';
  const wingsStatus = /\(code: (\d{3})\)/.exec(detail)?.[1];
  if (wingsStatus === '404') return 'server-unknown';
  return wingsStatus === '403' ? 'token-mismatch' : 'failing';
}
