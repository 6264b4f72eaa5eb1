import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ReplyUrl } from './reply-url.ts';

/** What a dialogue is about: the offer behind the button, and the message the button is on. */
export interface FormSubject {
  readonly offerId: string;
  readonly label: string;
  readonly channelId: string;
  readonly messageTs: string;
  readonly threadTs: string | null;
  readonly isEphemeral: boolean;
}

/** Carries what a dialogue is about to its answer, which may reach another process. */
export interface OpenForms {
  /** For the dialogue's metadata, which people can read: the secret part stays here. */
  write(subject: FormSubject, reply: ReplyUrl | null): string;
  /** `null`: that is nothing this program wrote. */
  read(metadata: string): { readonly subject: FormSubject; readonly reply: ReplyUrl | null } | null;
}

const metadataShape = z.object({
  offerId: z.string(),
  label: z.string(),
  channelId: z.string(),
  messageTs: z.string(),
  threadTs: z.string().nullable(),
  isEphemeral: z.boolean(),
  key: z.string(),
});

const mostOpen = 500;

export function createOpenForms(): OpenForms {
  const replies = new Map<string, ReplyUrl>();
  return {
    write(subject, reply) {
      const key = randomUUID();
      if (reply !== null) replies.set(key, reply);
      const [oldest] = replies.keys();
      if (replies.size > mostOpen && oldest !== undefined) replies.delete(oldest);
      return JSON.stringify({ ...subject, key });
    },
    read(metadata) {
      const parsed = metadataShape.safeParse(jsonIn(metadata));
      if (!parsed.success) return null;
      const { key, ...subject } = parsed.data;
      const reply = replies.get(key) ?? null;
      replies.delete(key);
      return { subject, reply };
    },
  };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
