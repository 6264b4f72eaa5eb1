import { persona, windowId } from './post.js';

/** @import { WireEvents } from '../wire.ts' */

/** The server says something at least every 15 s. */
const silentMs = 40_000;
/** Browsers open few connections to one server: a window nobody looks at gives its own back. */
const hiddenMs = 60_000;
const againMs = 2_000;

/**
 * Listens to the server for as long as the window is open, and connects again whenever that is needed.
 *
 * @param {{ readonly [Name in keyof WireEvents]: (data: WireEvents[Name]) => void }} listeners
 * @param {(isConnected: boolean) => void} tell
 */
export function listen(listeners, tell) {
  /** @type {EventSource | null} */
  let source = null;
  let lastEventId = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let watch;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let rest;

  const close = () => {
    clearTimeout(watch);
    source?.close();
    source = null;
  };
  const connectLater = () => {
    close();
    watch = setTimeout(connect, againMs);
  };
  const stayAwake = () => {
    clearTimeout(watch);
    watch = setTimeout(() => {
      tell(false);
      connect();
    }, silentMs);
  };
  const connect = () => {
    close();
    const asked = new URLSearchParams({ as: persona, window: windowId, after: lastEventId });
    const opened = new EventSource(`api/events?${asked}`);
    source = opened;
    opened.addEventListener('error', () => {
      tell(false);
      // The browser tries again by itself, unless it was refused.
      if (opened.readyState === EventSource.CLOSED) connectLater();
    });
    for (const [name, listener] of Object.entries(listeners)) {
      opened.addEventListener(name, (event) => {
        if (event.lastEventId !== '') lastEventId = event.lastEventId;
        stayAwake();
        tell(true);
        /** @type {(data: never) => void} */ (listener)(/** @type {never} */ (JSON.parse(event.data)));
      });
    }
    stayAwake();
  };

  document.addEventListener('visibilitychange', () => {
    clearTimeout(rest);
    if (document.hidden) rest = setTimeout(close, hiddenMs);
    else if (source === null) connect();
  });
  connect();
}
