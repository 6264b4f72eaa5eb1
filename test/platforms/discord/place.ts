import * as spec from 'discord-api-spec/zod';
import type { MessageBody } from './message-body.ts';
import { announceChannel, postMessage } from './messages.ts';
import { type PermissionName, permissionBits } from './permissions.ts';
import { refuseFaults } from './refusal.ts';
import { schemaFaults } from './schema.ts';
import { seen, type SeenMessage } from './seen.ts';
import type { Channel, World } from './state.ts';

/** What somebody may and may not do in a channel beyond what their roles say. */
export interface OverwriteInput {
  readonly allow?: readonly PermissionName[];
  readonly deny?: readonly PermissionName[];
}

/** A channel, thread or conversation where people meet the bot. */
export interface Place {
  readonly id: string;
  readonly name: string;
  readonly channel: Channel;
  /** What everybody in it sees, oldest first; ephemeral messages are not part of it. */
  messages(): readonly SeenMessage[];
  /** Waits until the test of these messages holds. */
  until(holds: (messages: readonly SeenMessage[]) => boolean, withinMs?: number): Promise<readonly SeenMessage[]>;
  /** Lets the bot have posted this, as an earlier version of it would have. Throws what Discord would refuse. */
  postAsBot(body: MessageBody): SeenMessage;
  /** Sets what a role or member, named by id, may do here. */
  overwrite(id: string, input: OverwriteInput, type?: 0 | 1): void;
  /** Removes the channel with all that is in it. */
  delete(): void;
}

export function placeOf(world: World, channel: Channel): Place {
  const messages = (): readonly SeenMessage[] =>
    channel.messages.filter(({ isDeleted, onlyFor }) => !isDeleted && onlyFor === null).map(seen);
  return {
    id: channel.id,
    name: channel.name,
    channel,
    messages,
    async until(holds, withinMs = 10_000) {
      await world.until(
        () => holds(messages()),
        withinMs,
        () => `What was waited for did not appear within ${withinMs} ms; there are ${messages().length} messages.`,
      );
      return messages();
    },
    postAsBot(body) {
      refuseFaults(schemaFaults(spec.MessageCreateRequestSchema, body));
      return seen(postMessage(world, channel, body, []));
    },
    overwrite(id, { allow = [], deny = [] }, type = 0) {
      const at = channel.overwrites.findIndex((overwrite) => overwrite.id === id);
      const overwrite = { id, type, allow: permissionBits(allow), deny: permissionBits(deny) };
      if (at < 0) channel.overwrites.push(overwrite);
      else channel.overwrites[at] = overwrite;
      announceChannel(world, 'CHANNEL_UPDATE', channel);
    },
    delete() {
      world.channels.delete(channel.id);
      announceChannel(world, 'CHANNEL_DELETE', channel);
    },
  };
}
