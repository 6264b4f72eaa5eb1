import {
  filledCommand,
  filledModal,
  isVisible,
  offeredCommand,
  type OptionValues,
  refuseChoice,
  resolvedChoices,
  usableComponent,
} from './client-checks.ts';
import { type Exchange, exchangeOf, follow, type Until } from './exchange.ts';
import { createInteraction, type Wish } from './interactions.ts';
import { componentType, isSelect } from './message-body.ts';
import { addMessage, openDirectMessages } from './messages.ts';
import { may } from './permissions.ts';
import { type Place, placeOf } from './place.ts';
import { seen, type SeenMessage } from './seen.ts';
import { interactionType, type Message, type User, type World } from './state.ts';

export interface WishOptions {
  /** How far the wish is followed; by default until nothing is "thinking" any more. */
  readonly until?: Until;
  /** How old the event is when the bot gets it. */
  readonly ageMs?: number;
}

/** A person with a Discord client, which lets them do what Discord's client would, and throws at the rest. */
export interface Person {
  readonly id: string;
  readonly name: string;
  /** The direct messages with the bot. */
  readonly dms: Place;
  /** Uses a command; `pterodoc orders` names a part of one. */
  slash(command: string, options: OptionValues, where: Place, wish?: WishOptions): Promise<Exchange>;
  /** Types into the option that completes, and gets what is offered. */
  complete(
    command: string,
    options: OptionValues,
    focused: string,
    where: Place,
    wish?: WishOptions,
  ): Promise<Exchange>;
  /** Presses a button, named by its custom id or its label. */
  press(message: SeenMessage | null, button: string, wish?: WishOptions): Promise<Exchange>;
  /** Chooses from a select, named by its custom id or its placeholder. */
  choose(message: SeenMessage | null, select: string, values: readonly string[], wish?: WishOptions): Promise<Exchange>;
  /** Fills in and sends the modal that answered a wish. */
  submitModal(
    opened: Exchange,
    fields: Readonly<Record<string, string | readonly string[]>>,
    wish?: WishOptions,
  ): Promise<Exchange>;
  /** Writes to the bot. */
  dm(text: string): SeenMessage;
  /** Writes into a channel. */
  say(text: string, where: Place): SeenMessage;
  /** What the person sees there, oldest first, ephemeral messages of their own included. */
  visibleMessages(where: Place): readonly SeenMessage[];
  closeDms(): void;
  openDms(): void;
}

export function createPerson(world: World, user: User): Person {
  const submitted = new Set<string>();

  const visibleMessage = (shown: SeenMessage | null): Message => {
    const all = [...world.channels.values()].flatMap(({ messages }) => messages);
    const message = all.find(({ id }) => id === shown?.id);
    if (message === undefined || !isVisible(world, message, user)) {
      throw new Error(`${user.username} does not see this message.`);
    }
    return message;
  };
  const send = (place: Place, wish: Wish, { until = 'settled', ageMs = 0 }: WishOptions): Promise<Exchange> =>
    follow(exchangeOf(world, createInteraction(world, place.channel, user, { ...wish, ageMs })), until);
  const write = (text: string, where: Place): SeenMessage =>
    seen(addMessage(world, where.channel, { content: text }, { author: user }));

  const person: Person = {
    id: user.id,
    name: user.username,
    get dms() {
      return placeOf(world, openDirectMessages(world, user));
    },
    async slash(command, options, where, wish = {}) {
      const [name = '', ...parts] = command.split(' ');
      const offered = offeredCommand(world, where.channel, user, name);
      return send(where, { type: interactionType.command, data: filledCommand(world, offered, parts, options) }, wish);
    },
    async complete(command, options, focused, where, wish = {}) {
      const [name = '', ...parts] = command.split(' ');
      const offered = offeredCommand(world, where.channel, user, name);
      const data = filledCommand(world, offered, parts, options, focused);
      return send(where, { type: interactionType.autocomplete, data }, wish);
    },
    async press(shown, button, wish = {}) {
      const source = visibleMessage(shown);
      const used = usableComponent(source, button, ({ type }) => type === componentType.button);
      const data = { component_type: used.type, custom_id: used.custom_id, id: used.id };
      return send(placeOf(world, source.channel), { type: interactionType.component, data, source }, wish);
    },
    async choose(shown, select, values, wish = {}) {
      const source = visibleMessage(shown);
      const used = usableComponent(source, select, isSelect);
      refuseChoice(used, values);
      const data = {
        component_type: used.type,
        custom_id: used.custom_id,
        id: used.id,
        values,
        ...(used.type === componentType.stringSelect ? {} : { resolved: resolvedChoices(world, used, values) }),
      };
      return send(placeOf(world, source.channel), { type: interactionType.component, data, source }, wish);
    },
    async submitModal(opened, fields, wish = {}) {
      const interaction = world.interactions.get(opened.id);
      const { modal } = opened;
      if (interaction === undefined || interaction.user !== user || modal === null || submitted.has(opened.id)) {
        throw new Error(`${user.username} has no such modal open.`);
      }
      const data = { custom_id: modal.custom_id, components: filledModal(modal.components, fields) };
      submitted.add(opened.id);
      const { source, channel } = interaction;
      return send(placeOf(world, channel), { type: interactionType.modalSubmit, data, source }, wish);
    },
    dm: (text) => write(text, person.dms),
    say(text, where) {
      if (!may(world, where.channel, user, 'sendMessages')) throw new Error(`${user.username} may not write there.`);
      return write(text, where);
    },
    visibleMessages: ({ channel }) => channel.messages.filter((message) => isVisible(world, message, user)).map(seen),
    closeDms() {
      user.areDmsOpen = false;
    },
    openDms() {
      user.areDmsOpen = true;
    },
  };
  return person;
}
