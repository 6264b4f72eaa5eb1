export { createDiscordAdapter, type DiscordAdapterConfig } from './adapter.ts';
