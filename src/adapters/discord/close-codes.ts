import { GatewayCloseCodes } from 'discord.js';

const reasons: ReadonlyMap<number, string> = new Map([
  [
    GatewayCloseCodes.AuthenticationFailed,
    'Discord refuses DISCORD_TOKEN: put the token of the bot in its place (Developer Portal → Bot → Reset Token).',
  ],
  [GatewayCloseCodes.InvalidShard, 'Discord refuses the number of the connection (4010); this is a bug.'],
  [
    GatewayCloseCodes.ShardingRequired,
    'The bot is in too many servers for one connection (4011): make one of its own.',
  ],
  [GatewayCloseCodes.InvalidAPIVersion, 'Discord no longer speaks the version this program does (4012): update it.'],
  [GatewayCloseCodes.InvalidIntents, 'Discord refuses the events this program asks for (4013): update it.'],
  [GatewayCloseCodes.DisallowedIntents, 'Discord does not give the bot the events it asks for (4014): update it.'],
]);

/**
 * Why Discord will not have the connection again, and what to do; `null`: it can be restored.
 * https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
 */
export function whyClosedForGood(code: number): string | null {
  return reasons.get(code) ?? null;
}
