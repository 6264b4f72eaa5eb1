import { codePoints } from './message-body.ts';
import type { FormFault } from './refusal.ts';

/** An option of a command once the schema has found nothing wrong with its fields. */
export interface CommandOption {
  readonly type: number;
  readonly name: string;
  readonly description: string;
  readonly required?: boolean | null;
  readonly autocomplete?: boolean | null;
  readonly choices?: readonly { readonly name: string; readonly value: string | number }[] | null;
  readonly min_length?: number | null;
  readonly max_length?: number | null;
  readonly min_value?: number | null;
  readonly max_value?: number | null;
  readonly options?: readonly CommandOption[] | null;
}

export interface CommandBody {
  readonly name: string;
  readonly description?: string | null;
  readonly type?: number | null;
  readonly options?: readonly CommandOption[] | null;
  readonly default_member_permissions?: string | null;
  readonly contexts?: readonly number[] | null;
  readonly integration_types?: readonly number[] | null;
}

export const commandType = { chatInput: 1 } as const;
export const optionType = { subcommand: 1, group: 2, string: 3, integer: 4, boolean: 5, number: 10 } as const;

// https://docs.discord.com/developers/interactions/application-commands#application-command-object-application-command-naming
const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const COMMAND_TEXT_MAX = 8000;

/** What Discord refuses in a command beyond its published schema. */
export function commandFaults(command: CommandBody, scope: 'global' | 'guild'): readonly FormFault[] {
  const isChatInput = (command.type ?? commandType.chatInput) === commandType.chatInput;
  return [
    ...(isChatInput ? nameFaults(command.name, ['name']) : []),
    ...(isChatInput && (command.description ?? '').trim() === '' ? [required(['description'])] : []),
    ...optionFaults(command.options ?? [], ['options'], 0),
    ...(textOf(command) > COMMAND_TEXT_MAX
      ? [fault([], 'APPLICATION_COMMAND_TOO_LARGE', `Command exceeds maximum size (${COMMAND_TEXT_MAX})`)]
      : []),
    ...(scope === 'guild'
      ? (['contexts', 'integration_types'] as const).flatMap((field) =>
          (command[field] ?? null) === null
            ? []
            : [fault([field], 'APPLICATION_COMMAND_GLOBAL_ONLY', 'Only available for global commands')],
        )
      : []),
  ];
}

function optionFaults(options: readonly CommandOption[], at: FormFault['path'], depth: number): readonly FormFault[] {
  const names = options.map(({ name }) => name);
  const firstOptional = options.findIndex((option) => !isBranch(option) && option.required !== true);
  const mixes = options.some(isBranch) && !options.every(isBranch);
  return [
    ...(mixes
      ? [fault(at, 'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID', 'Sub-commands and other options cannot be mixed')]
      : []),
    ...options.flatMap((option, index) => [
      ...nameFaults(option.name, [...at, index, 'name']),
      ...(names.indexOf(option.name) === index
        ? []
        : [
            fault(
              [...at, index, 'name'],
              'APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS',
              'Option name already exists',
            ),
          ]),
      ...(option.required === true && firstOptional >= 0 && firstOptional < index
        ? [
            fault(
              [...at, index],
              'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
              'Required options must be placed before non-required options',
            ),
          ]
        : []),
      ...(option.autocomplete === true && (option.choices ?? []).length > 0
        ? [fault([...at, index], 'APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE', 'Choices exclude autocomplete')]
        : []),
      ...((option.min_length ?? 0) > (option.max_length ?? 6000)
        ? [fault([...at, index, 'min_length'], 'APPLICATION_COMMAND_OPTIONS_MIN_ABOVE_MAX', 'Exceeds max_length')]
        : []),
      ...choiceFaults(option, [...at, index, 'choices']),
      ...(isBranch(option) && depth > (option.type === optionType.group ? 0 : 1)
        ? [fault([...at, index, 'type'], 'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID', 'Nested too deep')]
        : []),
      ...optionFaults(option.options ?? [], [...at, index, 'options'], depth + 1),
    ]),
  ];
}

function choiceFaults({ type, choices }: CommandOption, at: FormFault['path']): readonly FormFault[] {
  const names = (choices ?? []).map(({ name }) => name);
  return (choices ?? []).flatMap(({ name, value }, index) => [
    ...(names.indexOf(name) === index
      ? []
      : [fault([...at, index], 'APPLICATION_COMMAND_OPTIONS_CHOICES_ALREADY_EXISTS', 'Option choice already exists')]),
    ...(type === optionType.string && codePoints(String(value)) > 100
      ? [fault([...at, index, 'value'], 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 100 in length.')]
      : []),
  ]);
}

function isBranch({ type }: CommandOption): boolean {
  return type === optionType.subcommand || type === optionType.group;
}

function nameFaults(name: string, path: FormFault['path']): readonly FormFault[] {
  if (NAME.test(name) && name === name.toLowerCase()) return [];
  return [fault(path, 'APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid')];
}

function textOf(
  command: Pick<CommandOption, 'name' | 'choices' | 'options'> & { description?: string | null },
): number {
  const choices = (command.choices ?? []).reduce(
    (sum, { name, value }) => sum + codePoints(name) + codePoints(String(value)),
    0,
  );
  const inner = (command.options ?? []).reduce((sum, option) => sum + textOf(option), 0);
  return codePoints(command.name) + codePoints(command.description ?? '') + choices + inner;
}

function required(path: FormFault['path']): FormFault {
  return fault(path, 'BASE_TYPE_REQUIRED', 'This field is required');
}

function fault(path: FormFault['path'], code: string, message: string): FormFault {
  return { path, code, message };
}
