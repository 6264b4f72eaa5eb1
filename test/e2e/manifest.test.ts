import { afterAll, beforeAll, expect, test } from 'vitest';
import { validateManifest } from '../platforms/slack/manifest.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';

let terminal: Terminal;
beforeAll(async () => {
  terminal = await openTerminal();
});
afterAll(() => terminal.close());

test.each([[[]], [['--http', 'https://bot.example/']]])(
  'prints a manifest that Slack takes, with nothing configured yet (%s)',
  async (words) => {
    const { exitCode, out, err } = await terminal.run(['manifest', 'slack', ...words]);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(validateManifest(JSON.parse(out))).toEqual([]);
  },
);

test.each([[['discord']], [['slack', '--http', 'bot.example']], [['slack', '--http', 'http://bot.example']]])(
  'says what is wrong with %s',
  async (words) => {
    const { exitCode, out, err } = await terminal.run(['manifest', ...words]);
    expect({ exitCode, out }).toEqual({ exitCode: 64, out: '' });
    expect(err).toMatch(/slack only|https address/);
  },
);
