import { randomBytes } from 'node:crypto';
import type { Actor } from '../../core/actor.ts';
import { cleanForeignText } from '../../core/foreign-text.ts';
import { maskEmailsIn, maskPrivateIn } from '../../core/mask.ts';

const longestWords = 1000;
const longestName = 100;

/** Words as they may be kept: one line, without e-mail addresses and keys. */
export function keptWords(words: string): string {
  return maskPrivateIn(cleanForeignText(words, longestWords));
}

/** An actor as JSON, with a name that may be kept; on some machines people log in by their address. */
export function keptActor(actor: Actor): string {
  const { surface, id, name, role } = actor;
  return JSON.stringify({
    surface,
    id: maskEmailsIn(id),
    name: maskEmailsIn(cleanForeignText(name, longestName)),
    role,
  });
}

/** 144 bits of chance, short enough for the id of a button. */
export function opaqueId(): string {
  return randomBytes(18).toString('base64url');
}
