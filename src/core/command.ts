import { z } from 'zod';
import type { Actor } from './actor.ts';
import type { Answer, CommandInput, Place } from './desk.ts';
import type { Office } from './office.ts';
import type { Permission } from './permission.ts';

/** Who runs a command, and where. */
export interface CommandContext {
  readonly actor: Actor;
  readonly place: Place;
  readonly office: Office;
}

/** What a command file gives to {@link defineCommand}. */
export interface CommandSpec<I extends Readonly<Record<string, z.ZodType>>> {
  /** Public: `server-status`, or `pterodoc orders` for a part of another. */
  readonly name: string;
  readonly summary: string;
  readonly permission: Permission;
  /** What is given with it; each with a sentence of description (`describe`). Optional ones say so. */
  readonly input: I;
  run(input: z.output<z.ZodObject<I>>, context: CommandContext): Promise<Answer>;
}

/** A command as the list holds it. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly permission: Permission;
  readonly inputs: readonly CommandInput[];
  /** `null`: what was given does not fit; the person gets to read what it needs. */
  run(input: Readonly<Record<string, string>>, context: CommandContext): Promise<Answer> | null;
}

/** Makes a command: reads what was given, and only then runs. */
export function defineCommand<I extends Readonly<Record<string, z.ZodType>>>(spec: CommandSpec<I>): Command {
  const shape = z.object(spec.input);
  return {
    name: spec.name,
    summary: spec.summary,
    permission: spec.permission,
    inputs: Object.entries(spec.input).map(([name, type]) => ({
      name,
      summary: type.description ?? name,
      isRequired: !type.safeParse(undefined).success,
    })),
    run(input, context) {
      const given = shape.safeParse(input);
      return given.success ? spec.run(given.data, context) : null;
    },
  };
}
