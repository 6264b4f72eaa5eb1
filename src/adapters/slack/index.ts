export { createSlackAdapter, type SlackAdapter, type SlackAdapterConfig } from './adapter.ts';
export { type ManifestOptions, slackManifest } from './manifest.ts';
export { createSlackProber, type SlackProberConfig } from './prober.ts';
