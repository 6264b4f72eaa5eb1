import { longestCustomId } from './limits.ts';

/**
 * What a button, select or dialogue of ours does. It travels in its `custom_id`, since any process may meet it, at any
 * time.
 */
export type Control =
  /** `asks`: it is known to ask a second question. */
  | { readonly kind: 'press'; readonly asks: boolean; readonly offerId: string }
  /** The offer is the value that was chosen. */
  | { readonly kind: 'choose' }
  /** The second question was answered with yes. `cardId`: the message that everybody sees; `null`: there is none. */
  | { readonly kind: 'confirm'; readonly cardId: string | null; readonly offerId: string }
  /** The same, once the reason has been written. */
  | {
      readonly kind: 'reason';
      readonly cardId: string | null;
      readonly offerId: string;
      readonly label: string;
      readonly maxLength: number;
    }
  | { readonly kind: 'cancel' };

const here = 'here';

/** `at` keeps controls of one message apart. `null`: Discord would not take it. */
export function customIdOf(control: Control, at: number): string | null {
  const id = words(control, at);
  return id.length <= longestCustomId && id.isWellFormed() ? id : null;
}

function words(control: Control, at: number): string {
  switch (control.kind) {
    case 'press':
      return `${control.asks ? 'ask' : 'press'}:${at}:${control.offerId}`;
    case 'choose':
      return `choose:${at}`;
    case 'confirm':
      return `confirm:${control.cardId ?? here}:${control.offerId}`;
    case 'reason':
      return `reason:${control.cardId ?? here}:${control.maxLength}:${control.offerId}:${control.label}`.slice(
        0,
        longestCustomId,
      );
    case 'cancel':
      return 'cancel';
  }
}

/** For a control that leads nowhere. */
export function deadCustomId(at: number): string {
  return `nowhere:${at}`;
}

/** `null`: nothing that this version writes. */
export function controlOf(customId: string): Control | null {
  const press = /^(press|ask):\d+:(.+)$/s.exec(customId);
  if (press?.[2] !== undefined) return { kind: 'press', asks: press[1] === 'ask', offerId: press[2] };
  if (/^choose:\d+$/.test(customId)) return { kind: 'choose' };
  if (customId === 'cancel') return { kind: 'cancel' };
  const confirm = /^confirm:(here|\d+):(.+)$/s.exec(customId);
  if (confirm?.[2] !== undefined) return { kind: 'confirm', cardId: cardIdIn(confirm[1]), offerId: confirm[2] };
  const reason = /^reason:(here|\d+):(\d+):([^:]+):(.*)$/s.exec(customId);
  if (reason?.[3] === undefined) return null;
  const [, cardId, maxLength, offerId, label = ''] = reason;
  return { kind: 'reason', cardId: cardIdIn(cardId), maxLength: Number(maxLength), offerId, label };
}

function cardIdIn(written: string | undefined): string | null {
  return written === undefined || written === here ? null : written;
}
