import { refuseBlocks } from './block-kit.ts';
import { isJson, type Json } from './shape.ts';
import { addMessage, BOT_USER_ID, type Message, removeMessage, rewrite, type State } from './state.ts';

/** Where a response_url leads, and what it may still do. */
interface Grant {
  readonly userId: string;
  readonly channelId: string;
  /** The message whose button was pressed; null for a slash command. */
  readonly original: Message | null;
  /** The command as it was typed, which an answer to all makes visible. */
  readonly command: string | null;
  readonly expiresAtMs: number;
  usesLeft: number;
}

/** The response_urls that were handed out: https://docs.slack.dev/interactivity/handling-user-interaction */
export interface ResponseUrls {
  issue(grant: Pick<Grant, 'userId' | 'channelId' | 'original' | 'command'>): string;
  /** Answers a POST to a path under `/response/`. */
  handle(path: string, request: Request): Promise<Response>;
  /** Applies the body of an acknowledgement, which is written by the same rules; answers with what is wrong. */
  apply(url: string, body: Json): string | null;
}

const USES = 5;
const LIVES_MS = 30 * 60_000;
const PREFIX = '/response/';

export function createResponseUrls(state: State, baseUrl: () => string): ResponseUrls {
  const grants = new Map<string, Grant>();

  const showCommand = ({ channelId, userId, command }: Grant): void => {
    if (command === null) return;
    addMessage(state, { channelId, userId, kind: 'command' }, { text: command, blocks: [] });
  };

  const answer = (grant: Grant, body: Json): string | null => {
    const { original, channelId, userId } = grant;
    if (body['delete_original'] === true) {
      if (original !== null) removeMessage(state, original);
      return null;
    }
    const writing = { text: typeof body['text'] === 'string' ? body['text'] : '', blocks: blocksIn(body) };
    if (body['blocks'] !== undefined) {
      const refusal = refuseBlocks(body['blocks']);
      if (refusal !== null) return refusal.error;
    }
    if (writing.text === '' && writing.blocks.length === 0) return 'no_text';
    if (original !== null && body['replace_original'] === undefined && body['response_type'] === undefined) {
      state.complaints.push('a response_url of an action was used without replace_original and response_type');
    }
    if (body['replace_original'] === true && original !== null) {
      rewrite(state, original, writing);
      return null;
    }
    const isForAll = body['response_type'] === 'in_channel';
    if (isForAll) showCommand(grant);
    const threadTs = typeof body['thread_ts'] === 'string' ? body['thread_ts'] : null;
    const onlyFor = isForAll ? null : userId;
    addMessage(state, { channelId, userId: BOT_USER_ID, kind: 'app', onlyFor, threadTs }, writing);
    return null;
  };

  return {
    issue(grant) {
      const id = crypto.randomUUID();
      grants.set(id, { ...grant, expiresAtMs: state.clock.now() + LIVES_MS, usesLeft: USES });
      return `${baseUrl()}${PREFIX}${id}`;
    },
    apply(url, body) {
      const grant = grants.get(url.slice(url.lastIndexOf('/') + 1));
      if (grant === undefined) return 'expired_url';
      if (body['response_type'] !== 'in_channel' || 'text' in body || 'blocks' in body) return answer(grant, body);
      // Nothing is said, but everybody may see what was typed.
      showCommand(grant);
      return null;
    },
    async handle(path, request) {
      const text = await request.text();
      const body = parse(text);
      const grant = grants.get(path.slice(PREFIX.length));
      const log = (status: number, error: string | null): Response => {
        const args = body ?? { unreadable: text };
        state.calls.push({ method: 'response_url', args, status, error, atMs: Date.now() });
        return error === null ? new Response('ok') : Response.json({ ok: false, error }, { status });
      };
      if (grant === undefined || grant.expiresAtMs <= state.clock.now()) return log(404, 'expired_url');
      if (grant.usesLeft === 0) return log(404, 'used_url');
      if (body === null) return log(400, 'invalid_payload');
      const error = answer(grant, body);
      if (error === null) grant.usesLeft -= 1;
      return error === null ? log(200, null) : log(400, error);
    },
  };
}

function parse(text: string): Json | null {
  try {
    const body: unknown = JSON.parse(text);
    return isJson(body) ? body : null;
  } catch {
    return null;
  }
}

function blocksIn(body: Json): readonly Json[] {
  return Array.isArray(body['blocks']) ? body['blocks'].filter(isJson) : [];
}
