import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { WireEvents } from '../../src/adapters/web/wire.ts';

/** What a server answered. */
export interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** One request with exactly these headers, which a browser or `fetch` would not send. */
export function ask(
  url: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: options.method ?? 'GET', headers: options.headers ?? {}, agent: false });
    asked.on('error', reject);
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      response.on('error', reject);
    });
    asked.end(options.body);
  });
}

/** As the page itself would post. */
export function post(url: string, path: string, body: object): Promise<Answered> {
  return ask(`${url}${path}`, {
    method: 'POST',
    headers: { origin: new URL(url).origin, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** An event of a stream. */
export type StreamEvent = {
  readonly [Name in keyof WireEvents]: {
    readonly name: Name;
    readonly id: string | null;
    readonly data: WireEvents[Name];
  };
}[keyof WireEvents];

/** A window's stream, as it arrives. */
export interface Stream {
  readonly headers: IncomingMessage['headers'];
  /** Everything so far, oldest first. */
  readonly events: readonly StreamEvent[];
  readonly lastEventId: () => string | null;
  /** The first event, past or to come, that this holds for. */
  until<Found extends StreamEvent>(isIt: (event: StreamEvent) => event is Found): Promise<Found>;
  untilText(text: string): Promise<void>;
  close(): void;
  readonly closed: Promise<void>;
}

export async function openStream(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Stream> {
  const asked: ClientRequest = request(url, { headers, agent: false });
  asked.end();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.on('response', resolve);
    asked.on('error', reject);
  });
  const events: StreamEvent[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const blocks = `${rest}${chunk}`.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = readEvent(block);
      if (event !== null) events.push(event);
    }
    for (const look of waiting) look();
  });
  const closed = new Promise<void>((resolve) => {
    response.on('close', resolve);
    response.on('error', () => resolve());
  });
  const wait = <T>(find: () => T | undefined, what: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = find();
        if (found === undefined) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => reject(new Error(`${what} never came: ${JSON.stringify(events)}`)), 5_000);
      waiting.add(look);
      look();
    });
  return {
    headers: response.headers,
    events,
    closed,
    lastEventId: () => events.findLast(({ id }) => id !== null)?.id ?? null,
    until: (isIt) => wait(() => events.find(isIt), 'the event'),
    untilText: (text) =>
      wait(() => (JSON.stringify(events).includes(text) ? true : undefined), text).then(() => undefined),
    close: () => asked.destroy(),
  };
}

function readEvent(block: string): StreamEvent | null {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  const name = fields.get('event');
  if (name === undefined) return null;
  return { name, id: fields.get('id') ?? null, data: JSON.parse(fields.get('data') ?? 'null') } as StreamEvent;
}
