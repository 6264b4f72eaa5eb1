import { slackManifest } from '../adapters/slack/index.ts';
import { commands } from '../commands/index.ts';
import { Ending, exits } from './ending.ts';
import { print } from './output.ts';

/** `pterodoc manifest slack`: what Slack needs to know to install the app, to paste into its own form. */
export function manifest(platform: string, http: string | null): void {
  if (platform !== 'slack') throw new Ending(exits.usage, `There is a manifest for slack only, not for ${platform}.`);
  if (http !== null && !isPublicAddress(http)) {
    throw new Ending(exits.usage, 'Give --http the https address under which Slack reaches this program.');
  }
  const connection = http === null ? ({ mode: 'socket' } as const) : ({ mode: 'http', url: http } as const);
  print(JSON.stringify(slackManifest({ commands, connection }), null, 2));
}

function isPublicAddress(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'https:';
}
