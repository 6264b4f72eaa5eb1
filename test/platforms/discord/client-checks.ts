import { type CommandOption, optionType } from './command-rules.ts';
import { codePoints, type Component, componentType, everyComponent } from './message-body.ts';
import { channelPermissions, isThread, may, permission } from './permissions.ts';
import type { Channel, Command, Message, User, World } from './state.ts';
import { channelWire, memberWire, roleWire, userWire } from './wire.ts';

/** What a person types or picks for the options of a command. */
export type OptionValues = Readonly<Record<string, string | number | boolean>>;

const contextOf = { guild: 0, botDm: 1 } as const;
const typesOfIds: Readonly<Record<number, 'users' | 'channels' | 'roles'>> = { 6: 'users', 7: 'channels', 8: 'roles' };

/** The command as the client offers it at this place to this person. Throws when it does not. */
export function offeredCommand(world: World, channel: Channel, user: User, name: string): Command {
  const offered = [...world.commands.values()].filter(
    (command) => command.name === name && whyNotOffered(world, channel, user, command) === null,
  );
  const own = offered.find(({ guildId }) => guildId !== null) ?? offered[0];
  if (own !== undefined) return own;
  const known = [...world.commands.values()].find((command) => command.name === name);
  const why = known === undefined ? 'it is not registered' : whyNotOffered(world, channel, user, known);
  throw new Error(`Discord does not offer /${name} to ${user.username} here: ${why}.`);
}

function whyNotOffered(world: World, channel: Channel, user: User, command: Command): string | null {
  const { guild } = channel;
  const context = guild === null ? contextOf.botDm : contextOf.guild;
  if (command.guildId !== null && command.guildId !== guild?.id) return 'it belongs to a server';
  if (command.contexts !== null && command.contexts !== undefined && !command.contexts.includes(context)) {
    return 'its contexts leave this place out';
  }
  if (guild === null) return null;
  if (!guild.members.has(world.bot.id)) return 'the bot is not in this server';
  if (!may(world, channel, user, 'useApplicationCommands')) return 'the person may not use commands in this channel';
  const asked = command.default_member_permissions ?? null;
  if (asked === null) return null;
  const held = channelPermissions(world, channel, user);
  if ((held & permission.administrator) !== 0n) return null;
  const wanted = BigInt(asked);
  return wanted !== 0n && (held & wanted) === wanted ? null : 'its default permissions leave the person out';
}

/** The command's data with its options filled in, held to what the client lets a person enter. */
export function filledCommand(
  world: World,
  command: Command,
  parts: readonly string[],
  values: OptionValues,
  focused: string | null = null,
): Readonly<Record<string, unknown>> {
  const resolved: Record<string, Record<string, unknown>> = {};
  const options = filledOptions(world, command.options ?? [], parts, values, focused, resolved);
  return {
    id: command.id,
    name: command.name,
    type: 1,
    ...(command.guildId === null ? {} : { guild_id: command.guildId }),
    ...(options.length === 0 ? {} : { options }),
    ...(Object.keys(resolved).length === 0 ? {} : { resolved }),
  };
}

function filledOptions(
  world: World,
  options: readonly CommandOption[],
  parts: readonly string[],
  values: OptionValues,
  focused: string | null,
  resolved: Record<string, Record<string, unknown>>,
): readonly object[] {
  const [part, ...rest] = parts;
  if (part !== undefined) {
    const branch = options.find(({ name, type }) => name === part && type <= optionType.group);
    if (branch === undefined) throw new Error(`The command has no part "${part}".`);
    const inner = filledOptions(world, branch.options ?? [], rest, values, focused, resolved);
    return [{ type: branch.type, name: branch.name, options: inner }];
  }
  const unknown = Object.keys(values).filter((name) => !options.some((option) => option.name === name));
  if (unknown.length > 0) throw new Error(`The command has no option "${unknown.join('", "')}".`);
  if (options.some(({ type }) => type <= optionType.group)) throw new Error('The command is used by its parts only.');
  return options.flatMap((option) => {
    const value = values[option.name];
    if (value === undefined) {
      if (option.required === true && focused === null) throw new Error(`The option "${option.name}" is required.`);
      return [];
    }
    if (option.name === focused) {
      if (option.autocomplete !== true) throw new Error(`The option "${option.name}" completes nothing.`);
      return [{ type: option.type, name: option.name, value, focused: true }];
    }
    const why = whyRefused(option, value);
    if (why !== null && focused === null) throw new Error(`The client refuses "${value}" for ${option.name}: ${why}.`);
    resolve(world, option.type, String(value), resolved);
    return [{ type: option.type, name: option.name, value }];
  });
}

function whyRefused(option: CommandOption, value: string | number | boolean): string | null {
  const { type, choices, min_length, max_length, min_value, max_value } = option;
  const isNumber = type === optionType.integer || type === optionType.number;
  if (isNumber !== (typeof value === 'number')) return 'its type is another';
  if ((type === optionType.boolean) !== (typeof value === 'boolean')) return 'its type is another';
  if (type === optionType.integer && !Number.isInteger(value)) return 'it is no whole number';
  if ((choices ?? []).length > 0 && choices?.some((choice) => choice.value === value) !== true)
    return 'it is no choice';
  if (typeof value === 'number' && (value < (min_value ?? -Infinity) || value > (max_value ?? Infinity))) {
    return 'it is out of range';
  }
  if (typeof value !== 'string') return null;
  if (value.trim() === '') return 'it is empty';
  const length = codePoints(value);
  return length < (min_length ?? 0) || length > (max_length ?? 6000) ? 'its length is out of range' : null;
}

function resolve(world: World, type: number, id: string, resolved: Record<string, Record<string, unknown>>): void {
  const kind = typesOfIds[type];
  if (kind === undefined) return;
  const guild = [...world.guilds.values()].find(({ members, roles }) => members.has(id) || roles.has(id));
  const user = world.users.get(id);
  const channel = world.channels.get(id);
  const role = guild?.roles.get(id);
  const wire =
    kind === 'users' && user !== undefined
      ? userWire(user)
      : kind === 'channels' && channel !== undefined
        ? { ...channelWire(world, channel), permissions: '0' }
        : role !== undefined
          ? roleWire(role)
          : null;
  if (wire === null) throw new Error(`Nothing to pick has the id ${id}.`);
  resolved[kind] = { ...resolved[kind], [id]: wire };
  const member = guild?.members.get(id);
  if (kind !== 'users' || member === undefined) return;
  const { user: _, deaf: __, mute: ___, ...shown } = memberWire(member);
  resolved['members'] = { ...resolved['members'], [id]: { ...shown, permissions: '0' } };
}

// The selects of people, roles and channels speak of the same things as these types of options.
const optionOfSelect: Readonly<Record<number, number>> = { 5: 6, 6: 8, 8: 7 };

/** What Discord tells about the ids that were picked in a select. */
export function resolvedChoices(world: World, select: Component, ids: readonly string[]): object {
  const resolved: Record<string, Record<string, unknown>> = {};
  for (const id of ids) resolve(world, optionOfSelect[select.type] ?? (world.users.has(id) ? 6 : 8), id, resolved);
  return resolved;
}

/** The component the person can use, by custom id or label. Throws when the client would not let them. */
export function usableComponent(
  message: Message,
  wanted: string,
  isFitting: (component: Component) => boolean,
): Component {
  const all = everyComponent(message.components).map(({ component }) => component);
  const fitting = all.filter((component) => isFitting(component));
  const found =
    fitting.find(({ custom_id }) => custom_id === wanted) ??
    fitting.find(({ label, placeholder }) => label === wanted || placeholder === wanted);
  if (found === undefined) {
    const names = fitting.map(
      ({ label, placeholder, custom_id }) => `${label ?? placeholder ?? ''} (${custom_id ?? 'link'})`,
    );
    throw new Error(`The message has no "${wanted}", only: ${names.join(', ') || 'nothing'}.`);
  }
  if (found.disabled === true) throw new Error(`"${wanted}" is disabled.`);
  if ((found.custom_id ?? null) === null) throw new Error(`"${wanted}" is a link; Discord tells the bot nothing.`);
  return found;
}

/** The fields a modal sends, held to what the client lets a person enter. */
export function filledModal(
  components: readonly Component[],
  values: Readonly<Record<string, string | readonly string[]>>,
): readonly object[] {
  const ids = everyComponent(components).flatMap(({ component }) => component.custom_id ?? []);
  const unknown = Object.keys(values).filter((id) => !ids.includes(id));
  if (unknown.length > 0) throw new Error(`The modal has no field "${unknown.join('", "')}".`);
  let last = 0;
  const nextId = (): number => {
    last += 1;
    return last;
  };
  return components.map((component) => {
    const id = nextId();
    if (component.type === componentType.textDisplay) return { type: component.type, id };
    if (component.type === componentType.label && component.component !== undefined) {
      return { type: component.type, id, component: { ...filledField(component.component, values), id: nextId() } };
    }
    const fields = (component.components ?? []).map((field) => ({ ...filledField(field, values), id: nextId() }));
    return { type: component.type, id, components: fields };
  });
}

function filledField(field: Component, values: Readonly<Record<string, string | readonly string[]>>): object {
  const { type, custom_id, required } = field;
  const given = values[custom_id ?? ''];
  const isRequired = required !== false;
  if (type === componentType.textInput) {
    const text = typeof given === 'string' ? given : (field.value ?? '');
    const length = codePoints(text);
    const isLeftOut = text === '' && !isRequired;
    if (
      !isLeftOut &&
      (length < Math.max(field.min_length ?? 0, isRequired ? 1 : 0) || length > (field.max_length ?? 4000))
    ) {
      throw new Error(`The client refuses "${text}" for ${custom_id ?? ''}: its length is out of range.`);
    }
    return { type, custom_id, value: text };
  }
  const chosen = given === undefined || typeof given === 'string' ? (given === undefined ? [] : [given]) : given;
  refuseChoice(field, chosen, isRequired);
  return { type, custom_id, values: chosen };
}

/** Throws when the client would not let a person choose these. */
export function refuseChoice(select: Component, values: readonly string[], isRequired = true): void {
  const { options = [], custom_id } = select;
  const unknown = values.filter((value) => !options.some((option) => option.value === value));
  if (select.type === componentType.stringSelect && unknown.length > 0) {
    throw new Error(`${custom_id ?? ''} has no option "${unknown.join('", "')}".`);
  }
  const least = isRequired ? (select.min_values ?? 1) : 0;
  if (values.length < least || values.length > (select.max_values ?? 1)) {
    throw new Error(`${custom_id ?? ''} takes ${least} to ${select.max_values ?? 1} options.`);
  }
}

/** Whether the person sees this message: it is there, the channel is theirs to read, and it is not somebody else's. */
export function isVisible(world: World, message: Message, user: User): boolean {
  if (message.isDeleted) return false;
  if (message.onlyFor !== null) return message.onlyFor === user;
  const { channel } = message;
  if (channel.guild === null) return channel.recipient === user;
  return (
    may(world, channel, user, 'viewChannel') && (may(world, channel, user, 'readMessageHistory') || isThread(channel))
  );
}
