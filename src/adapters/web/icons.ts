import type { StepState, Tone } from '../../core/card.ts';
import { html, type Html } from './html.ts';

/** The shapes on a grid of 16. Every one stands beside words that say the same. */
const shapes = {
  check: 'M3 8.5 6.5 12 13 4.5',
  cross: 'M4 4 12 12 M12 4 4 12',
  dots: 'M3.5 8h.01 M8 8h.01 M12.5 8h.01',
  question: 'M5.8 6a2.3 2.3 0 1 1 3.4 2c-.8.5-1.2.9-1.2 1.7 M8 12.5h.01',
  dot: 'M8 8h.01',
  dash: 'M4.5 8h7',
  note: 'M8 7.2v4.3 M8 4.4h.01',
} as const;

export type IconName = keyof typeof shapes;

export const toneIcons: Readonly<Record<Tone, IconName>> = {
  good: 'check',
  busy: 'dots',
  bad: 'cross',
  unsure: 'question',
  neutral: 'note',
};

export const stateIcons: Readonly<Record<StepState, IconName>> = {
  passed: 'check',
  current: 'dots',
  broken: 'cross',
  unknown: 'question',
  pending: 'dot',
  skipped: 'dash',
};

/** A sign for the eye alone: assistive technology reads the words beside it. */
export function icon(name: IconName): Html {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d="${shapes[name]}"></path>
  </svg>`;
}
