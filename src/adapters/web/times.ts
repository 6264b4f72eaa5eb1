import { inWords } from '../../core/duration.ts';
import { html, type Html } from './html.ts';

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const dayMs = 86_400_000;
const justNowMs = 5_000;

/** A moment in UTC, as the cards' own sentences and the logs of the outside systems have it. */
export function momentTag(at: Date, now: Date): Html {
  return html`<time datetime="${at.toISOString()}">${momentWords(at, now)}</time>`;
}

/** A moment and how long ago that is; the page keeps the second part true while it is open. */
export function agoTag(at: Date, now: Date): Html {
  const passedMs = now.getTime() - at.getTime();
  if (passedMs < 0) return momentTag(at, now);
  // After two days the hours tell nothing any more.
  const roundedMs = passedMs < 2 * dayMs ? passedMs : Math.floor(passedMs / dayMs) * dayMs;
  const words = passedMs < justNowMs ? 'just now' : `${inWords(roundedMs)} ago`;
  return html`<time datetime="${at.toISOString()}">${momentWords(at, now)}, <span data-ago>${words}</span></time>`;
}

/** A moment, with the day unless it is the same. */
function momentWords(at: Date, now: Date): string {
  const iso = at.toISOString();
  const isSameDay = iso.slice(0, 10) === now.toISOString().slice(0, 10);
  const isSameYear = at.getUTCFullYear() === now.getUTCFullYear();
  const day = isSameDay
    ? ''
    : `${at.getUTCDate()} ${months[at.getUTCMonth()] ?? ''}${isSameYear ? '' : ` ${at.getUTCFullYear()}`} `;
  return `${day}${iso.slice(11, 16)} UTC`;
}
