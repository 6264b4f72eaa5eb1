import { type APIButtonComponentWithCustomId, type APIMessage, ButtonStyle, ComponentType } from 'discord.js';
import type { Button } from '../../core/card.ts';
import { controlOf } from './controls.ts';

/** The first button of a message of ours that leads on, whatever it leads to. */
export function titleIn(message: APIMessage): string | null {
  return pressable(message)[0]?.label ?? null;
}

/** The buttons of a message that only look, as cards have them: neither marked as an act nor asking first. */
export function lookingButtons(message: APIMessage | undefined): readonly Button[] {
  return (message === undefined ? [] : pressable(message)).flatMap(({ custom_id, label, style, disabled }) => {
    const control = controlOf(custom_id);
    const isPlain = style === ButtonStyle.Secondary && disabled !== true;
    if (control?.kind !== 'press' || control.asks || !isPlain) return [];
    return [{ kind: 'press' as const, id: control.offerId, label: label ?? '', style: 'plain' as const }];
  });
}

function pressable({ components = [] }: APIMessage): readonly APIButtonComponentWithCustomId[] {
  const rows = components
    .flatMap((part) => (part.type === ComponentType.Container ? part.components : [part]))
    .flatMap((part) => (part.type === ComponentType.ActionRow ? part.components : []));
  return rows.flatMap((part) =>
    part.type === ComponentType.Button && 'custom_id' in part ? [part as APIButtonComponentWithCustomId] : [],
  );
}
