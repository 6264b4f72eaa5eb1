import { type Logger, type types, webApi } from '@slack/bolt';
import type { z } from 'zod';
import { fail, type Result, succeed } from '../../core/result.ts';
import type { Content } from './render-card.ts';
import {
  channelShape,
  groupShape,
  identityShape,
  membersShape,
  openedViewShape,
  personShape,
  postedShape,
  socketShape,
} from './shapes.ts';

/** Why a call to Slack did not end well. */
export type Trouble =
  /** Nothing was done. The code is Slack's own. */
  | { readonly kind: 'refused'; readonly code: string }
  /** Nothing was done; it may be tried again then. */
  | { readonly kind: 'rate-limited'; readonly retryAfterMs: number }
  /** Slack failed, or its answer was lost: it may have been done. */
  | { readonly kind: 'unclear' };

type Answer<T> = Promise<Result<T, Trouble>>;

/** A view that is open, as Slack tells it apart from its earlier states. */
export interface OpenView {
  readonly id: string;
  readonly hash: string;
}

/** What this program asks of Slack. */
export interface SlackApi {
  identity(): Answer<z.output<typeof identityShape>>;
  person(userId: string): Answer<z.output<typeof personShape>['user']>;
  groupMembers(groupId: string): Answer<readonly string[]>;
  channel(channelId: string): Answer<z.output<typeof channelShape>['channel']>;
  /** `isAll` false: there are more than were asked for. */
  channelMembers(
    channelId: string,
    most: number,
  ): Answer<{ readonly members: readonly string[]; readonly isAll: boolean }>;
  /** Is never repeated: Slack has no key that would keep a message from being posted twice. */
  post(channelId: string, content: Content, threadTs: string | null): Answer<{ readonly ts: string }>;
  postEphemeral(channelId: string, userId: string, content: Content, threadTs: string | null): Answer<null>;
  update(channelId: string, ts: string, content: Content): Answer<null>;
  /** One of the uses of a `response_url`. */
  respond(url: string, body: object): Answer<null>;
  openView(triggerId: string, view: types.ModalView): Answer<OpenView>;
  updateView(view: OpenView, content: types.ModalView): Answer<null>;
  publishHome(userId: string, view: types.HomeView): Answer<null>;
}

/** Whether an app-level token opens connections: Slack hands out an address, which nobody uses. */
export function tryAppToken({
  appToken,
  apiUrl,
  logger,
}: Omit<SlackApiOptions, 'botToken'> & { readonly appToken: string }): Answer<null> {
  const client = new webApi.WebClient(appToken, {
    slackApiUrl: apiUrl,
    logger,
    timeout: 2500,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
  return call(client.apps.connections.open(), socketShape, () => null);
}

export interface SlackApiOptions {
  readonly botToken: string;
  readonly apiUrl: string;
  readonly logger: Logger;
}

const respondTimeoutMs = 8000;

export function createSlackApi({ botToken, apiUrl, logger }: SlackApiOptions): SlackApi {
  // Left to themselves the clients wait for ever and try for half an hour.
  const client = (timeout: number, retries: number): webApi.WebClient =>
    new webApi.WebClient(botToken, {
      slackApiUrl: apiUrl,
      logger,
      timeout,
      retryConfig: { retries, minTimeout: 200, maxTimeout: 1500 },
      rejectRateLimitedCalls: true,
    });
  const asking = client(2500, 1);
  const replacing = client(5000, 3);
  const posting = client(8000, 0);
  const quiet = { unfurl_links: false, unfurl_media: false } as const;
  const inThread = (threadTs: string | null) => (threadTs === null ? {} : { thread_ts: threadTs });
  const written = ({ text, blocks }: Content) => ({ text, blocks });

  return {
    identity: () => call(asking.auth.test(), identityShape, (identity) => identity),
    person: (user) => call(asking.users.info({ user }), personShape, ({ user: found }) => found),
    groupMembers: (usergroup) => call(asking.usergroups.users.list({ usergroup }), groupShape, ({ users }) => users),
    channel: (channel) => call(asking.conversations.info({ channel }), channelShape, ({ channel: found }) => found),
    channelMembers: (channel, most) =>
      call(asking.conversations.members({ channel, limit: most }), membersShape, ({ members, response_metadata }) => ({
        members,
        isAll: (response_metadata?.next_cursor ?? '') === '',
      })),
    post: (channel, content, threadTs) =>
      call(
        posting.chat.postMessage({ channel, ...written(content), ...quiet, ...inThread(threadTs) }),
        postedShape,
        ({ ts }) => ({ ts }),
      ),
    postEphemeral: (channel, user, content, threadTs) =>
      done(posting.chat.postEphemeral({ channel, user, ...written(content), ...inThread(threadTs) })),
    update: (channel, ts, content) => done(replacing.chat.update({ channel, ts, ...written(content) })),
    respond,
    openView: (triggerId, view) =>
      call(posting.views.open({ trigger_id: triggerId, view }), openedViewShape, ({ view: opened }) => opened),
    updateView: ({ id, hash }, view) => done(replacing.views.update({ view_id: id, hash, view })),
    publishHome: (userId, view) => done(replacing.views.publish({ user_id: userId, view })),
  };
}

async function call<S extends z.ZodType, T>(
  answer: Promise<unknown>,
  shape: S,
  read: (value: z.output<S>) => T,
): Promise<Result<T, Trouble>> {
  try {
    const parsed = shape.safeParse(await answer);
    return parsed.success ? succeed(read(parsed.data)) : fail({ kind: 'refused', code: 'unexpected_answer' });
  } catch (error) {
    return fail(troubleOf(error));
  }
}

async function done(answer: Promise<unknown>): Promise<Result<null, Trouble>> {
  try {
    await answer;
    return succeed(null);
  } catch (error) {
    return fail(troubleOf(error));
  }
}

/** What kind of trouble an error of the client is; what it cannot be told from is thrown on. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof webApi.WebAPIRateLimitedError) {
    return { kind: 'rate-limited', retryAfterMs: 1000 * error.retryAfter };
  }
  if (error instanceof webApi.WebAPIPlatformError) return { kind: 'refused', code: plainCode(error.data.error) };
  if (error instanceof webApi.WebAPIHTTPError || error instanceof webApi.WebAPIRequestError) return { kind: 'unclear' };
  // The client's only plain error: a 429 that does not say for how long.
  if (error instanceof Error && error.message.startsWith('Retry header')) {
    return { kind: 'rate-limited', retryAfterMs: 5000 };
  }
  throw error;
}

/** An answer that is no JSON arrives as its code. */
function plainCode(code: unknown): string {
  return typeof code === 'string' && /^[a-z0-9_]{1,60}$/.test(code) ? code : 'unreadable_answer';
}

async function respond(url: string, body: object): Promise<Result<null, Trouble>> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(respondTimeoutMs),
    });
    await response.body?.cancel();
    if (response.ok) return succeed(null);
    if (response.status === 429) {
      return fail({ kind: 'rate-limited', retryAfterMs: 1000 * Number(response.headers.get('retry-after') ?? 1) });
    }
    return fail(response.status >= 500 ? { kind: 'unclear' } : { kind: 'refused', code: `http_${response.status}` });
  } catch {
    return fail({ kind: 'unclear' });
  }
}
