import type { z } from 'zod';
import type { UpstreamFailure } from '../../core/failure.ts';
import type { Answer } from '../../core/ports.ts';
import { fail, succeed } from '../../core/result.ts';
import { plainErrorCode } from '../error-code.ts';
import { type HttpAnswer, requestJson } from '../http.ts';
import { codeOf, readPanelRefusal } from './failures.ts';
import { pageOf } from './shapes.ts';

/** One read of the Application API. */
export interface PanelRead {
  /** Below `/api/application`, its parts encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** What the key needs for it, for example `servers: read`. */
  readonly scope: string;
}

/** One call of the Application API that changes something. */
export interface PanelWrite {
  /** Below `/api/application`, its parts encoded. */
  readonly path: string;
  readonly body?: Readonly<Record<string, string>>;
  /** What the key needs for it, for example `servers: write`. */
  readonly scope: string;
  /** The refusals that the caller reads itself. */
  readonly isAnswer?: (refused: HttpAnswer) => boolean;
}

export interface PanelApi {
  /** `null` when the panel has no such thing. */
  one<T>(read: PanelRead, shape: z.ZodType<T>, signal: AbortSignal): Answer<T | null>;
  /** Everything a list holds, until an item is the one looked for. */
  list<T>(
    read: PanelRead,
    attributes: z.ZodType<T>,
    signal: AbortSignal,
    isSought?: (item: T) => boolean,
  ): Answer<readonly T[]>;
  /** Posts once and is never repeated: after a failure it may have been done. */
  post(write: PanelWrite, signal: AbortSignal): Answer<HttpAnswer>;
}

/** The Application API caps nothing; this many a page keep one answer small. */
const PER_PAGE = 100;
const MAX_PAGES = 20;

/** The Application API with the given key. */
export function createPanelApi(config: {
  readonly url: string;
  readonly applicationKey: string;
  readonly timeoutMs: number;
}): PanelApi {
  async function one<T>(read: PanelRead, shape: z.ZodType<T>, signal: AbortSignal): Answer<T | null> {
    const url = addressOf(config.url, read.path);
    const answer = await requestJson({
      source: 'pterodactyl',
      url: url.href,
      headers: panelHeaders(config.applicationKey),
      ...(read.query === undefined ? {} : { query: read.query }),
      timeoutMs: config.timeoutMs,
      signal,
      codeOf,
      readRefusal: (refused) => readPanelRefusal(read.scope, url.pathname, refused),
    });
    if (!answer.ok) return answer;
    return answer.value.status === 404 ? succeed(null) : parseAs(shape, answer.value.json, url.pathname);
  }

  return {
    one,

    async post({ path, body, scope, isAnswer = () => false }, signal) {
      const { href, pathname } = addressOf(config.url, path);
      const answer = await requestJson({
        source: 'pterodactyl',
        url: href,
        method: 'POST',
        headers: panelHeaders(config.applicationKey),
        ...(body === undefined ? {} : { body }),
        timeoutMs: config.timeoutMs,
        signal,
        codeOf,
        readRefusal: (refused) => (isAnswer(refused) ? 'answer' : readPanelRefusal(scope, pathname, refused)),
      });
      if (!answer.ok || answer.value.status !== 404) return answer;
      // Wings says it too, about a server that it does not know: the code tells who did.
      const code = plainErrorCode(codeOf(answer.value.json));
      return fail({ source: 'pterodactyl', kind: 'request-refused', status: 404, code });
    },

    async list(read, attributes, signal, isSought = () => false) {
      const found = [];
      for (let page = 1; page <= MAX_PAGES; page += 1) {
        // The links to further pages lose filter and page size, so each address is made here.
        const query = { ...read.query, sort: 'id', per_page: String(PER_PAGE), page: String(page) };
        const answer = await one({ ...read, query }, pageOf(attributes), signal);
        if (!answer.ok) return answer;
        if (answer.value === null) return succeed(found);
        found.push(...answer.value.items);
        if (page >= answer.value.totalPages || answer.value.items.some(isSought)) return succeed(found);
      }
      return fail({
        source: 'pterodactyl',
        kind: 'not-provided',
        what: `more than ${MAX_PAGES * PER_PAGE} rows of one list`,
      });
    },
  };
}

function addressOf(url: string, path: string): URL {
  return new URL(`${baseOf(url)}/api/application${path}`);
}

/** Without the JSON type in front, the panel answers refusals with redirects and pages. */
export function panelHeaders(key: string): Readonly<Record<string, string>> {
  return { accept: 'application/json', 'content-type': 'application/json', authorization: `Bearer ${key}` };
}

export function baseOf(url: string): string {
  return url.replace(/\/+$/, '');
}

export function parseAs<T>(
  shape: z.ZodType<T>,
  json: unknown,
  path: string,
): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: UpstreamFailure } {
  const parsed = shape.safeParse(json);
  return parsed.success ? succeed(parsed.data) : fail({ source: 'pterodactyl', kind: 'unexpected-shape', path });
}
