export { createDiscordAdapter, type DiscordAdapterConfig } from './adapter.ts';
export { createDiscordProber, type DiscordProberConfig } from './prober.ts';
