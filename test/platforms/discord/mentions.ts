import { type AllowedMentions, componentType, everyComponent } from './message-body.ts';
import { may } from './permissions.ts';
import type { Channel, MessageContent, Pings, User, World } from './state.ts';

/** What people read in a message, in order: content, embeds, texts of components. */
export function readableText({ content, embeds, components }: MessageContent): string {
  return [
    content,
    ...embeds.flatMap(({ author, title, description, fields, footer }) => [
      author?.name ?? '',
      title ?? '',
      description ?? '',
      ...(fields ?? []).flatMap(({ name, value }) => [name, value]),
      footer?.text ?? '',
    ]),
    ...everyComponent(components).map(({ component }) => component.content ?? ''),
  ]
    .filter((text) => text !== '')
    .join('\n');
}

/** Whom a message notifies. Without `allowed_mentions`, answers to interactions parse people only. */
export function pingsOf(
  world: World,
  channel: Channel,
  author: User,
  message: MessageContent,
  allowed: AllowedMentions | null | undefined,
  isAnswer: boolean,
): Pings {
  const text = mentioningText(message);
  const parse = allowed?.parse ?? (allowed === null || allowed === undefined ? defaultParse(isAnswer) : []);
  const userIds = idsIn(text, /<@!?(\d+)>/g).filter((id) => world.users.has(id));
  const roleIds = idsIn(text, /<@&(\d+)>/g).filter((id) => channel.guild?.roles.has(id) ?? false);
  const mayPingAll = may(world, channel, author, 'mentionEveryone');
  return {
    everyone: /@(?:everyone|here)\b/.test(text) && parse.includes('everyone') && mayPingAll && channel.guild !== null,
    users: userIds.filter((id) => parse.includes('users') || (allowed?.users ?? []).includes(id)),
    roles: roleIds.filter(
      (id) =>
        (parse.includes('roles') || (allowed?.roles ?? []).includes(id)) &&
        (mayPingAll || channel.guild?.roles.get(id)?.isMentionable === true),
    ),
  };
}

function defaultParse(isAnswer: boolean): readonly string[] {
  return isAnswer ? ['users'] : ['users', 'roles', 'everyone'];
}

/** Embeds never notify; code does not either. */
function mentioningText({ content, components }: MessageContent): string {
  const texts = everyComponent(components).flatMap(({ component }) =>
    component.type === componentType.textDisplay ? [component.content ?? ''] : [],
  );
  return [content, ...texts].join('\n').replace(/```[\s\S]*?```|``[^\n]*?``|`[^`\n]*`/g, ' ');
}

function idsIn(text: string, pattern: RegExp): readonly string[] {
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''))];
}
