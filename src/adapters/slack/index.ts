export { createSlackAdapter, type SlackAdapter, type SlackAdapterConfig } from './adapter.ts';
export { type ManifestOptions, slackManifest } from './manifest.ts';
