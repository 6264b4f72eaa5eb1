import type { CommandListing } from './desk.ts';

/** A line somebody typed, read as a command: its name and what was given, by the names of its inputs. */
export interface TypedCommand {
  readonly command: string;
  readonly input: Readonly<Record<string, string>>;
}

/**
 * Reads `/name what was given`; the name may be two words, inputs after the first are written `name:value`. `null`: this
 * is no command. A name that does not exist is left to the desk, which says so.
 */
export function readTyped(line: string, commands: readonly CommandListing[]): TypedCommand | null {
  if (!line.startsWith('/')) return null;
  const words = line.slice(1).trim().split(/\s+/);
  const listing = commands
    .filter(({ name }) => name.split(' ').every((part, at) => part === words[at]?.toLowerCase()))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
  if (listing === undefined) return { command: words[0] ?? '', input: {} };
  const given = words.slice(listing.name.split(' ').length);
  return {
    command: listing.name,
    input: readInputs(
      given,
      listing.inputs.map(({ name }) => name),
    ),
  };
}

/** What stands before the first `name:` belongs to the first input. */
function readInputs(words: readonly string[], names: readonly string[]): Readonly<Record<string, string>> {
  const values = new Map<string, string[]>();
  let current = names[0];
  for (const word of words) {
    const at = word.indexOf(':');
    const name = at === -1 ? undefined : names.find((one) => one === word.slice(0, at).toLowerCase());
    if (name !== undefined) current = name;
    if (current === undefined) break;
    const value = name === undefined ? word : word.slice(at + 1);
    values.set(
      current,
      [...(values.get(current) ?? []), value].filter((part) => part !== ''),
    );
  }
  return Object.fromEntries(
    [...values].filter(([, parts]) => parts.length > 0).map(([name, parts]) => [name, parts.join(' ')]),
  );
}
