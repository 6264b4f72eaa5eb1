import { describe, expect, test } from 'vitest';
import { readTyped } from '../../../src/core/typed-command.ts';

const input = (name: string) => ({ name, summary: name, isRequired: false });
const commands = [
  { name: 'server-status', summary: '', inputs: [input('who')] },
  { name: 'pterodoc', summary: '', inputs: [] },
  { name: 'pterodoc orders', summary: '', inputs: [input('state'), input('plan')] },
];

describe('a typed line', () => {
  test.each([
    ['/server-status ann@example.com', 'server-status', { who: 'ann@example.com' }],
    ['/server-status   who:ann@example.com ', 'server-status', { who: 'ann@example.com' }],
    ['/Server-Status ann@example.com', 'server-status', { who: 'ann@example.com' }],
    ['/server-status', 'server-status', {}],
    ['/server-status a b', 'server-status', { who: 'a b' }],
    ['/pterodoc', 'pterodoc', {}],
    ['/pterodoc orders broken', 'pterodoc orders', { state: 'broken' }],
    ['/pterodoc orders plan:mc 8 state:broken', 'pterodoc orders', { plan: 'mc 8', state: 'broken' }],
    ['/pterodoc orders plan:', 'pterodoc orders', {}],
    ['/server-status https://x.example:1', 'server-status', { who: 'https://x.example:1' }],
    ['/unknown things', 'unknown', {}],
    ['/', '', {}],
  ])('%s', (line, command, given) => {
    expect(readTyped(line, commands)).toEqual({ command, input: given });
  });

  test('without a slash is no command', () => {
    expect(readTyped('where is my server?', commands)).toBeNull();
  });
});
