import * as spec from 'discord-api-spec/zod';
import type { ZodMiniType } from 'zod/mini';
import { type CommandBody, commandFaults, commandType } from './command-rules.ts';
import { type FormFault, limitRefusal, refusal, refuseFaults } from './refusal.ts';
import { type Call, noContent, ok, param, type Reply, type Route } from './route.ts';
import { schemaFaults } from './schema.ts';
import type { Command, World } from './state.ts';
import { commandWire } from './wire.ts';

// https://docs.discord.com/developers/interactions/application-commands#registering-a-command
const COMMANDS_MAX = 100;
const CREATES_PER_DAY = 200;
const DAY_MS = 24 * 60 * 60_000;

/** Both scopes have the same routes; only the path tells them apart. */
export const commandRoutes: readonly Route[] = (
  ['/applications/:application/commands', '/applications/:application/guilds/:guild/commands'] as const
).flatMap((path) => [
  { method: 'GET', path, handle: list },
  { method: 'PUT', path, handle: replaceAll },
  { method: 'POST', path, handle: upsert },
  { method: 'GET', path: `${path}/:command`, handle: (call: Call) => ok(commandWire(call.world, commandOf(call))) },
  { method: 'PATCH', path: `${path}/:command`, handle: change },
  { method: 'DELETE', path: `${path}/:command`, handle: remove },
]);

function list(call: Call): Reply {
  const guildId = scopeOf(call);
  return ok(commandsOf(call.world, guildId).map((command) => commandWire(call.world, command)));
}

function replaceAll(call: Call): Reply {
  const { world } = call;
  const guildId = scopeOf(call);
  const bodies = Array.isArray(call.body) ? (call.body as readonly unknown[]) : null;
  if (bodies === null) {
    refuseFaults([{ path: [], code: 'LIST_TYPE_CONVERT', message: 'Only iterables may be used in a ListType' }]);
    return noContent;
  }
  const faults = bodies.flatMap((body, index) =>
    faultsOf(spec.ApplicationCommandUpdateRequestSchema, body, guildId).map((fault) => ({
      ...fault,
      path: [index, ...fault.path],
    })),
  );
  refuseFaults(faults);
  const commands = bodies as readonly CommandBody[];
  const names = commands.map(nameKey);
  refuseFaults(names.flatMap((name, index) => (names.indexOf(name) === index ? [] : [nameTaken([index, 'name'])])));
  if (commands.filter(({ type }) => (type ?? 1) === commandType.chatInput).length > COMMANDS_MAX) {
    throw refusal('tooManyCommands');
  }
  const before = commandsOf(world, guildId);
  countCreates(
    world,
    guildId,
    commands.filter((body) => !before.some((known) => nameKey(known) === nameKey(body))).length,
  );
  for (const { id } of before) world.commands.delete(id);
  const now = commands.map((body) =>
    write(
      world,
      guildId,
      body,
      before.find((known) => nameKey(known) === nameKey(body)),
    ),
  );
  world.changed();
  return ok(now.map((command) => commandWire(world, command)));
}

function upsert(call: Call): Reply {
  const { world } = call;
  const guildId = scopeOf(call);
  refuseFaults(faultsOf(spec.ApplicationCommandCreateRequestSchema, call.body, guildId));
  const body = call.body as CommandBody;
  const known = commandsOf(world, guildId).find((command) => nameKey(command) === nameKey(body));
  if (known === undefined) {
    if (commandsOf(world, guildId).length >= COMMANDS_MAX) throw refusal('tooManyCommands');
    countCreates(world, guildId, 1);
  }
  const command = write(world, guildId, body, known);
  world.changed();
  return ok(commandWire(world, command), known === undefined ? 201 : 200);
}

function change(call: Call): Reply {
  const { world } = call;
  const guildId = scopeOf(call);
  const known = commandOf(call);
  refuseFaults(schemaFaults(spec.ApplicationCommandPatchRequestPartialSchema, comparable(call.body)));
  const body = { ...known, ...(call.body as Partial<CommandBody>) };
  refuseFaults(commandFaults(body, guildId === null ? 'global' : 'guild'));
  const twin = commandsOf(world, guildId).find((command) => nameKey(command) === nameKey(body));
  if (twin !== undefined && twin !== known) refuseFaults([nameTaken(['name'])]);
  const command = write(world, guildId, body, known);
  world.changed();
  return ok(commandWire(world, command));
}

function remove(call: Call): Reply {
  call.world.commands.delete(commandOf(call).id);
  call.world.changed();
  return noContent;
}

function scopeOf(call: Call): string | null {
  const { world, params } = call;
  if (param(call, 'application') !== world.bot.id) throw refusal('unknownApplication');
  const guildId = params['guild'];
  if (guildId === undefined) return null;
  if (world.guilds.get(guildId)?.members.has(world.bot.id) !== true) throw refusal('missingAccess');
  return guildId;
}

function commandOf(call: Call): Command {
  const command = call.world.commands.get(param(call, 'command'));
  if (command === undefined || command.guildId !== scopeOf(call)) throw refusal('unknownCommand');
  return command;
}

function commandsOf({ commands }: World, guildId: string | null): readonly Command[] {
  return [...commands.values()].filter((command) => command.guildId === guildId);
}

function faultsOf(schema: ZodMiniType, body: unknown, guildId: string | null): readonly FormFault[] {
  const faults = schemaFaults(schema, comparable(body));
  return faults.length > 0 ? faults : commandFaults(body as CommandBody, guildId === null ? 'global' : 'guild');
}

/** The schema knows permissions as a number; over the wire they are text, since they may not fit one. */
function comparable(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('default_member_permissions' in body)) return body;
  const { default_member_permissions: given } = body;
  if (typeof given !== 'string' || !/^\d+$/.test(given)) return body;
  return { ...body, default_member_permissions: Number(given) };
}

function write(world: World, guildId: string | null, body: CommandBody, known: Command | undefined): Command {
  const isSame = known !== undefined && JSON.stringify(bare(known)) === JSON.stringify(bare(body));
  const command: Command = {
    ...bare(body),
    id: known?.id ?? world.nextId(),
    version: isSame ? known.version : world.nextId(),
    guildId,
  };
  world.commands.set(command.id, command);
  return command;
}

function bare(command: CommandBody): CommandBody {
  const { name, description, type, options, default_member_permissions, contexts, integration_types } = command;
  return {
    name,
    description: description ?? '',
    type: type ?? commandType.chatInput,
    options: options ?? [],
    default_member_permissions: default_member_permissions ?? null,
    contexts: contexts ?? null,
    integration_types: integration_types ?? null,
  };
}

function nameKey({ name, type }: CommandBody): string {
  return `${type ?? commandType.chatInput} ${name}`;
}

function nameTaken(path: FormFault['path']): FormFault {
  return { path, code: 'APPLICATION_COMMANDS_DUPLICATE_NAME', message: 'Application command names must be unique' };
}

function countCreates(world: World, guildId: string | null, count: number): void {
  const now = world.clock.now();
  const today = world.commandCreates.filter((create) => create.guildId === guildId && create.at > now - DAY_MS);
  if (today.length + count > CREATES_PER_DAY) {
    const words = `Maximum number of daily application command creates has been reached (${CREATES_PER_DAY})`;
    throw limitRefusal(30_034, words, DAY_MS / 1000);
  }
  for (let made = 0; made < count; made += 1) world.commandCreates.push({ guildId, at: now });
}
