import { inWords } from '../../core/duration.ts';

const dayMs = 86_400_000;
const justNowMs = 5_000;

/** A moment in UTC, where Slack cannot put it in the reader's own time. */
export function momentWords(at: Date): string {
  const iso = at.toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** How long ago that was when the card was made; `null`: it was not before. */
export function agoWords(at: Date, now: Date): string | null {
  const passedMs = now.getTime() - at.getTime();
  if (passedMs < 0) return null;
  if (passedMs < justNowMs) return 'just now';
  // After two days the hours tell nothing any more.
  return `${inWords(passedMs < 2 * dayMs ? passedMs : Math.floor(passedMs / dayMs) * dayMs)} ago`;
}
