import * as spec from 'discord-api-spec/zod';
import { expect, test } from 'vitest';
import { commandBodies } from '../../../../src/adapters/discord/commands.ts';
import { commands } from '../../../../src/commands/index.ts';
import { type CommandBody, commandFaults } from '../../../platforms/discord/command-rules.ts';
import { schemaFaults } from '../../../platforms/discord/schema.ts';

test('Discord takes the real commands for one server', () => {
  const bodies = JSON.parse(JSON.stringify(commandBodies(commands))) as CommandBody[];
  expect(bodies.map(({ name, options = [] }) => [name, ...(options ?? []).map((option) => option.name)])).toEqual([
    ['server-status', 'who'],
    ['pterodoc', 'orders', 'webhooks', 'audit', 'help'],
  ]);
  for (const body of bodies) {
    expect(schemaFaults(spec.ApplicationCommandUpdateRequestSchema, body)).toEqual([]);
    expect(commandFaults(body, 'guild')).toEqual([]);
  }
});

test('required inputs come first, and long words are cut', () => {
  const [body] = commandBodies([
    {
      name: 'find',
      summary: 'x'.repeat(300),
      inputs: [
        { name: 'maybe', summary: 'perhaps', isRequired: false },
        { name: 'who', summary: 'y'.repeat(300), isRequired: true },
      ],
    },
  ]);
  expect(body?.description).toHaveLength(100);
  expect(body?.options?.map(({ name }) => name)).toEqual(['who', 'maybe']);
  expect(commandFaults(body as CommandBody, 'guild')).toEqual([]);
});
