import type { CommandListing } from '../../core/desk.ts';
import { readTyped, type TypedCommand } from '../../core/typed-command.ts';
import { typedText } from './typed-text.ts';

/** Nothing longer is a question; what is typed can have forty thousand characters. */
const longestLine = 600;

/** A slash command as the desk knows it. Alone, a command that only has parts is a question for help. */
export function readSlashCommand(name: string, text: string, commands: readonly CommandListing[]): TypedCommand {
  const given = typedText(text.slice(0, longestLine));
  const help = `${name.slice(1)} help`;
  if (given === '' && commands.some((command) => command.name === help)) return { command: help, input: {} };
  return readTyped(`${name} ${given}`, commands) ?? { command: name, input: {} };
}

/** The words with which the commands of the desk begin: each is a slash command of its own. */
export function slashNames(commands: readonly CommandListing[]): readonly string[] {
  return [...new Set(commands.map(({ name }) => `/${name.split(' ')[0] ?? name}`))];
}
