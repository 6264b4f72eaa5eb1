import { type REST, Routes } from 'discord.js';
import type { Content } from './render-card.ts';
import { persist } from './requests.ts';
import type { Sent } from './reply.ts';

/** Ordinary messages of the bot. */
export interface ChannelMessages {
  /** `nonce`: what is posted again under it within minutes is the same message. */
  post(channelId: string, content: Content, nonce: string): Promise<Sent>;
  edit(channelId: string, messageId: string, content: Content): Promise<Sent>;
  /** To one person; refused where they do not take messages. */
  toPerson(userId: string, content: Content, nonce: string): Promise<Sent>;
}

export function createChannelMessages(rest: REST): ChannelMessages {
  const messages: ChannelMessages = {
    post: (channelId, content, nonce) =>
      persist(() => rest.post(Routes.channelMessages(channelId), { body: { ...content, nonce, enforce_nonce: true } })),
    edit: (channelId, messageId, content) =>
      persist(() => rest.patch(Routes.channelMessage(channelId, messageId), { body: content })),
    async toPerson(userId, content, nonce) {
      const opened = await persist(() => rest.post(Routes.userChannels(), { body: { recipient_id: userId } }));
      if (!opened.ok) return opened;
      return messages.post(idOf(opened.value), content, nonce);
    },
  };
  return messages;
}

function idOf(channel: unknown): string {
  if (typeof channel === 'object' && channel !== null && 'id' in channel && typeof channel.id === 'string') {
    return channel.id;
  }
  throw new Error('Discord opened a conversation without an id.');
}
