import { createHash } from 'node:crypto';
import {
  type APIApplicationCommandOption,
  type APIApplicationCommandStringOption,
  type APIChatInputApplicationCommandInteraction,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  type REST,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
  Routes,
} from 'discord.js';
import { cleanForeignText } from '../../core/foreign-text.ts';
import type { CommandListing } from '../../core/desk.ts';
import { type Result, succeed } from '../../core/result.ts';
import type { TypedCommand } from '../../core/typed-command.ts';
import { longestCommandInput, longestDescription } from './limits.ts';
import { persist, type Trouble } from './requests.ts';

type CommandBody = RESTPostAPIChatInputApplicationCommandsJSONBody;

const partsDescription = 'The doctor for game-server orders';

/**
 * The desk's commands as Discord registers them: `pterodoc orders` is a part of `pterodoc`. Everybody is shown them,
 * and the desk decides who may: Discord's own default knows permissions, and not which roles are staff. An
 * administrator can hide them under Server Settings → Integrations. They belong to one server, so that there are none in
 * direct messages.
 */
export function commandBodies(commands: readonly CommandListing[]): readonly CommandBody[] {
  const names = [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? name))];
  return names.map((name) => {
    const parts = commands.filter((command) => command.name.startsWith(`${name} `));
    const whole = commands.find((command) => command.name === name);
    return {
      type: ApplicationCommandType.ChatInput,
      name,
      description: description(whole?.summary ?? partsDescription),
      options:
        parts.length === 0
          ? inputOptions(whole)
          : parts.map((part) => ({
              type: ApplicationCommandOptionType.Subcommand,
              name: part.name.slice(name.length + 1),
              description: description(part.summary),
              options: inputOptions(part),
            })),
      default_member_permissions: null,
    };
  });
}

function inputOptions(command: CommandListing | undefined): APIApplicationCommandStringOption[] {
  // Discord wants required ones first.
  return (command?.inputs ?? [])
    .toSorted((a, b) => Number(b.isRequired) - Number(a.isRequired))
    .map(({ name, summary, isRequired }) => ({
      type: ApplicationCommandOptionType.String,
      name,
      description: description(summary),
      required: isRequired,
      max_length: longestCommandInput,
    }));
}

function description(words: string): string {
  return cleanForeignText(words, longestDescription) || '–';
}

/** Registers the commands unless just these are registered. Tells whether anything was done. */
export async function registerCommands(
  rest: REST,
  where: { readonly applicationId: string; readonly guildId: string },
  commands: readonly CommandListing[],
): Promise<Result<'unchanged' | 'registered', Trouble>> {
  const route = Routes.applicationGuildCommands(where.applicationId, where.guildId);
  const bodies = commandBodies(commands);
  const known = await persist(() => rest.get(route));
  if (!known.ok) return known;
  if (Array.isArray(known.value) && isRegistered(known.value, commands)) return succeed('unchanged');
  const put = await persist(() => rest.put(route, { body: bodies }));
  return put.ok ? succeed('registered') : put;
}

/** Whether what Discord has is what would be registered. */
export function isRegistered(known: readonly unknown[], commands: readonly CommandListing[]): boolean {
  return hashOf(known) === hashOf(commandBodies(commands));
}

/** Over what this program writes: Discord adds ids, versions and defaults. */
function hashOf(commands: readonly unknown[]): string {
  const written = commands
    .map((command) => comparable(command))
    .toSorted((a, b) => String(a['name']).localeCompare(String(b['name'])));
  return createHash('sha256').update(JSON.stringify(written)).digest('hex');
}

function comparable(command: unknown): Readonly<Record<string, unknown>> {
  const given = (typeof command === 'object' && command !== null ? command : {}) as Readonly<Record<string, unknown>>;
  const options = Array.isArray(given['options']) ? given['options'].map(comparable) : [];
  return {
    type: given['type'] ?? ApplicationCommandType.ChatInput,
    name: given['name'],
    description: given['description'],
    required: given['required'] ?? false,
    maxLength: given['max_length'] ?? null,
    permissions: given['default_member_permissions'] ?? null,
    autocomplete: given['autocomplete'] ?? false,
    choices: given['choices'] ?? [],
    options,
  };
}

/** What somebody typed, by the names the desk knows. */
export function typedCommand({ data }: APIChatInputApplicationCommandInteraction): TypedCommand {
  const [part] = data.options ?? [];
  if (part?.type === ApplicationCommandOptionType.Subcommand) {
    return { command: `${data.name} ${part.name}`, input: inputOf(part.options ?? []) };
  }
  return { command: data.name, input: inputOf(data.options ?? []) };
}

function inputOf(
  options: readonly { readonly type: APIApplicationCommandOption['type']; readonly name: string }[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    options.flatMap((option) =>
      'value' in option && typeof option.value === 'string' ? [[option.name, option.value.trim()]] : [],
    ),
  );
}
