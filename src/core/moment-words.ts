import { inWords } from './duration.ts';

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const dayMs = 86_400_000;

/** A moment in UTC, as the logs of the outside systems have it; with the day unless it is that of `now`. */
export function momentWords(at: Date, now: Date): string {
  const iso = at.toISOString();
  const isSameDay = iso.slice(0, 10) === now.toISOString().slice(0, 10);
  const isSameYear = at.getUTCFullYear() === now.getUTCFullYear();
  const day = isSameDay
    ? ''
    : `${at.getUTCDate()} ${months[at.getUTCMonth()] ?? ''}${isSameYear ? '' : ` ${at.getUTCFullYear()}`} `;
  return `${day}${iso.slice(11, 16)} UTC`;
}

/** How long ago it was; after two days the hours tell nothing any more. `null`: it was not before `now`. */
export function agoWords(at: Date, now: Date): string | null {
  const passedMs = now.getTime() - at.getTime();
  if (passedMs < 0) return null;
  return `${inWords(passedMs < 2 * dayMs ? passedMs : Math.floor(passedMs / dayMs) * dayMs)} ago`;
}
