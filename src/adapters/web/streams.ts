import type { ServerResponse } from 'node:http';
import type { Window } from './channel.ts';
import { mostReplayed, mostStreams, mostUnread, retryMs } from './limits.ts';
import type { WireEvents } from './wire.ts';

type EventName = keyof WireEvents;

/** One thing that happened, as it is told to those whom it reaches. */
export interface Happening<Name extends EventName = EventName> {
  readonly name: Name;
  reaches(window: Window): boolean;
  tell(window: Window): WireEvents[Name];
}

/** The streams of all windows, and what they may have missed. */
export interface Streams {
  publish<Name extends EventName>(happening: Happening<Name>): void;
  /**
   * Goes on after `lastEventId` where that can be done without a gap, and starts with a snapshot elsewhere. False: there
   * are too many streams already.
   */
  open(window: Window, response: ServerResponse, lastEventId: string | null): boolean;
  beat(): void;
  close(): void;
}

export interface StreamsOptions {
  /** Part of every event's id, so that nothing is mistaken for something of an earlier process. */
  readonly boot: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly snapshot: (window: Window) => WireEvents['snapshot'];
  readonly now: () => Date;
}

export function createStreams({ boot, headers, snapshot, now }: StreamsOptions): Streams {
  const open = new Map<ServerResponse, Window>();
  /** The newest, oldest first; each has the number of its place. */
  const happened: { readonly number: number; readonly happening: Happening }[] = [];
  let count = 0;

  const send = (response: ServerResponse, name: EventName, data: unknown, number: number | null): void => {
    const id = number === null ? '' : `id: ${boot}.${number}\n`;
    response.write(`${id}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    if (response.writableLength > mostUnread) response.destroy();
  };

  const missedAfter = (lastEventId: string | null) => {
    const [, of, digits] = /^([\w-]+)\.(\d{1,15})$/.exec(lastEventId ?? '') ?? [];
    const number = Number(digits);
    const oldest = happened[0]?.number ?? count + 1;
    if (of !== boot || number > count || number < oldest - 1) return null;
    return happened.filter((one) => one.number > number);
  };

  return {
    publish(happening) {
      count += 1;
      happened.push({ number: count, happening });
      if (happened.length > mostReplayed) happened.shift();
      for (const [response, window] of open) {
        if (happening.reaches(window)) send(response, happening.name, happening.tell(window), count);
      }
    },
    open(window, response, lastEventId) {
      if (open.size >= mostStreams) return false;
      response.writeHead(200, { ...headers, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
      response.write(`retry: ${retryMs}\n\n`);
      const missed = missedAfter(lastEventId);
      if (missed === null) send(response, 'snapshot', snapshot(window), count);
      else {
        for (const { number, happening } of missed) {
          if (happening.reaches(window)) send(response, happening.name, happening.tell(window), number);
        }
        send(response, 'beat', { nowMs: now().getTime() }, null);
      }
      open.set(response, window);
      response.on('close', () => open.delete(response));
      return true;
    },
    beat() {
      for (const response of open.keys()) send(response, 'beat', { nowMs: now().getTime() }, null);
    },
    close() {
      for (const response of open.keys()) response.end();
    },
  };
}
