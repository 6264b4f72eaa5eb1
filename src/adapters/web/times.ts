import { agoWords, momentWords } from '../../core/moment-words.ts';
import { html, type Html } from './html.ts';

const justNowMs = 5_000;

/** A moment in UTC, as the cards' own sentences and the logs of the outside systems have it. */
export function momentTag(at: Date, now: Date): Html {
  return html`<time datetime="${at.toISOString()}">${momentWords(at, now)}</time>`;
}

/** A moment and how long ago that is; the page keeps the second part true while it is open. */
export function agoTag(at: Date, now: Date): Html {
  const ago = agoWords(at, now);
  if (ago === null) return momentTag(at, now);
  const words = now.getTime() - at.getTime() < justNowMs ? 'just now' : ago;
  return html`<time datetime="${at.toISOString()}">${momentWords(at, now)}, <span data-ago>${words}</span></time>`;
}
