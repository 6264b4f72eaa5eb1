import type { Actor } from '../../core/actor.ts';
import { isDirect } from './places.ts';
import type { ReplyUrl } from './reply-url.ts';
import type { Standing } from './roles.ts';

/** Somebody who did something, and how to answer that person alone. */
export interface Asker {
  readonly userId: string;
  readonly channelId: string;
  readonly threadTs: string | null;
  /** `null`: Slack gave none, or it was lost with a restart. */
  readonly reply: ReplyUrl | null;
}

/** In a conversation of two a role of staff gives nothing but what a customer may see. */
export function actorOf({ userId, channelId }: Asker, standing: Standing, userName: string | undefined): Actor {
  const role = standing.kind === 'known' ? standing.role : null;
  const name = (standing.kind === 'known' ? standing.name : null) ?? userName ?? userId;
  return { surface: 'slack', id: userId, name, role: role !== null && isDirect(channelId) ? 'customer' : role };
}
