import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineOf } from '../../../../src/adapters/slack/bolt-log.ts';
import { readSlashCommand, slashNames } from '../../../../src/adapters/slack/commands.ts';
import { escapeMrkdwn, inertMrkdwn } from '../../../../src/adapters/slack/mrkdwn.ts';
import { typedText } from '../../../../src/adapters/slack/typed-text.ts';
import { commands } from '../../../../src/commands/index.ts';

describe('what a person typed', () => {
  test.each([
    ['ann@example.com', 'ann@example.com'],
    ['<mailto:ann@example.com|ann@example.com>', 'ann@example.com'],
    ['&lt;mailto:ann@example.com|ann@example.com&gt; ', 'ann@example.com'],
    ['<https://evil.example|Stripe> a &amp;lt; b', 'https://evil.example a &lt; b'],
    ['', ''],
  ])('%s', (value, expected) => {
    expect(typedText(value)).toBe(expected);
  });

  test('survives being escaped once', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const typed = value.replaceAll('<', '(').replaceAll('>', ')').trim();
        expect(typedText(escapeMrkdwn(typed))).toBe(typed);
      }),
    );
  });

  test('leaves nothing that Slack would obey in escaped text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>&!@#|:/httpsx ') }), (value) => {
        const escaped = inertMrkdwn(value);
        expect(escaped.replace(/&(?:amp|lt|gt);/g, '')).not.toMatch(/[<>&]/);
        expect(escaped).not.toContain('://');
      }),
    );
  });
});

describe('a slash command', () => {
  test.each([
    ['/server-status', 'who: ann@example.com', 'server-status', { who: 'ann@example.com' }],
    ['/pterodoc', 'orders error', 'pterodoc orders', { status: 'error' }],
    ['/pterodoc', '', 'pterodoc help', {}],
    ['/pterodoc', 'frobnicate', 'pterodoc', {}],
    ['/server-status', '', 'server-status', {}],
  ])('%s %s', (name, words, command, input) => {
    expect(readSlashCommand(name, words, commands)).toEqual({ command, input });
  });

  test('is registered once for all of its parts', () => {
    expect(slashNames(commands)).toEqual(['/server-status', '/pterodoc']);
  });
});

describe('a line of the log', () => {
  test('holds no token, no address and no object', () => {
    const line = [
      'failed for ann@example.com with xoxb-12-abc at https://hooks.slack.com/commands/T1/secret',
      new Error('wss://wss.example/link/?ticket=secret xapp-1-A-secret'),
      { token: 'xoxb-1' },
    ]
      .map(lineOf)
      .join(' ');
    expect(line).not.toMatch(/ann@|secret|xoxb|xapp/);
    expect(line).toContain('failed for a•••@example.com');
  });
});
