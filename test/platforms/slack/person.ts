import type { Failure, Receipt, Transport } from './delivery.ts';
import type { Events, SentEvent } from './events.ts';
import { escapeText, typedText } from './markup.ts';
import { messageObject } from './objects.ts';
import type { ResponseUrls } from './response-urls.ts';
import {
  type Control,
  controlIn,
  type SeenMessage,
  seenMessage,
  type SeenView,
  seenView,
  valueIn,
  waitFor,
} from './screen.ts';
import type { Json } from './shape.ts';
import { submittedValues } from './modal-form.ts';
import {
  addMessage,
  APP_ID,
  BOT_USER_ID,
  type Channel,
  directChannel,
  findMessage,
  isGuest,
  type Message,
  type State,
  TEAM_ID,
  type User,
  type View,
} from './state.ts';
import { applyViewAnswer, type Triggers, viewObject } from './views.ts';

/** What came of something a person did, by the time Slack knew. */
export interface Outcome {
  /** When it was done, in milliseconds of the machine's clock. */
  readonly atMs: number;
  /** Milliseconds until the app acknowledged; null when it did not in time. */
  readonly ackMs: number | null;
  /** What Slack shows the person when it failed. */
  readonly failure: Failure | null;
  readonly triggerId: string;
  /** Where the app may answer; null where Slack gives none. */
  readonly responseUrl: string | null;
}

/** What a message must be like to be the one that is waited for. */
export type Wanted = string | RegExp | ((message: SeenMessage) => boolean);

/** Somebody at a keyboard. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  /** Types a command; resolves when it is acknowledged or has failed. */
  slash(command: string, text: string, channel: Channel): Promise<Outcome>;
  /** Presses a button by its label or action_id, on a message as it looked when it was seen. */
  press(on: SeenMessage | SeenView, button: string): Promise<Outcome>;
  /** Chooses an option by its text or value. */
  choose(on: SeenMessage | SeenView, select: string, option: string): Promise<Outcome>;
  /** Submits the uppermost modal; fields by action_id or block_id. Throws where the client itself would not submit. */
  submitView(fields?: Readonly<Record<string, string>>): Promise<Outcome>;
  /** Closes the uppermost modal; the app hears of it where it asked to. */
  closeView(): Promise<Outcome | null>;
  opensHome(): Promise<SentEvent | null>;
  opensMessages(): Promise<SentEvent | null>;
  /** Writes to the app; null when the app does not listen. */
  dm(text: string): Promise<SentEvent | null>;
  /** Writes in a channel; `@pterodoc` mentions the app. */
  says(text: string, channel: Channel): Promise<SentEvent | null>;
  /** What stands in a channel on this person's screen, oldest first. */
  visibleMessages(channel: Channel): readonly SeenMessage[];
  /** The conversation with the app. */
  direct(): Channel;
  /** Waits for a message; a string must be part of what there is to read. */
  sees(wanted: Wanted, channel: Channel, withinMs?: number): Promise<SeenMessage>;
  modal(): SeenView | null;
  home(): SeenView | null;
  /** Waits for a modal with this in it. */
  seesModal(wanted: string, withinMs?: number): Promise<SeenView>;
  seesHome(wanted: string, withinMs?: number): Promise<SeenView>;
  /** Opens Slack anew: what only this person saw is gone. */
  reloads(): void;
}

/** What people act on. */
export interface Stage {
  readonly state: State;
  readonly transport: Transport;
  readonly events: Events;
  readonly triggers: Triggers;
  readonly responseUrls: ResponseUrls;
}

const PATIENCE_MS = 3000;

export function createPerson(user: User, stage: Stage): Person {
  const { state, transport, events, triggers, responseUrls } = stage;

  const canRead = (channel: Channel): boolean =>
    channel.members.has(user.id) || (channel.kind === 'public' && !isGuest(user) && user.kind !== 'stranger');
  const mustRead = (channel: Channel): void => {
    if (!canRead(channel)) throw new Error(`${user.name} cannot open #${channel.name}`);
  };
  const who = { id: user.id, username: user.name, name: user.name, team_id: user.teamId };
  const envelope = (type: string, triggerId: string): Json => ({
    type,
    user: who,
    api_app_id: APP_ID,
    token: 'legacy-token',
    trigger_id: triggerId,
    team: { id: TEAM_ID, domain: 'merchant' },
    enterprise: null,
    is_enterprise_install: false,
  });
  const interact = async (payload: Json): Promise<Receipt> => {
    if (!state.app.isInteractive) throw new Error('interactivity is switched off in the manifest');
    return transport.deliver({ kind: 'interactive', payload, retry: null });
  };

  const act = async (on: SeenMessage | SeenView, control: Control, given: string): Promise<Outcome> => {
    const atMs = Date.now();
    const { actionId, blockId, type } = control;
    const value = valueIn(control, given);
    const action = { action_id: actionId, block_id: blockId, type, ...value, action_ts: state.nextTs() };
    const values = type === 'button' ? {} : { [blockId]: { [actionId]: { type, ...value } } };
    const isMessage = 'ts' in on;
    const responseUrl = isMessage ? responseUrlFor(on) : null;
    const view = isMessage ? null : knownView(on);
    const triggerId = triggers.issue(user.id, view?.type === 'modal' ? view : undefined);
    const receipt = await interact({
      ...envelope('block_actions', triggerId),
      actions: [action],
      ...(isMessage
        ? { ...messageContext(on), state: { values }, response_url: responseUrl }
        : {
            container: { type: 'view', view_id: on.id },
            ...(view === null ? {} : { view: viewObject(view, values) }),
          }),
    });
    if (receipt.answer !== null)
      state.complaints.push('the acknowledgement of a click carried a body, which is ignored');
    return { atMs, ackMs: receipt.ackMs, failure: receipt.failure, triggerId, responseUrl };
  };

  const responseUrlFor = (on: SeenMessage): string =>
    responseUrls.issue({
      userId: user.id,
      channelId: on.channelId,
      original: findMessage(state, on.channelId, on.ts),
      command: null,
    });

  const messageContext = (on: SeenMessage): Json => {
    const channel = state.channels.get(on.channelId);
    const message = findMessage(state, on.channelId, on.ts);
    return {
      container: {
        type: 'message',
        message_ts: on.ts,
        channel_id: on.channelId,
        is_ephemeral: on.isEphemeral,
        ...(on.threadTs === null ? {} : { thread_ts: on.threadTs }),
      },
      channel: { id: on.channelId, name: channel?.name ?? '' },
      ...(on.isEphemeral || message === null
        ? {}
        : { message: { ...messageObject(message), text: on.text, blocks: on.blocks } }),
    };
  };

  const top = (): View | null => state.modals.get(user.id)?.at(-1) ?? null;
  const knownView = ({ id }: SeenView): View | null => {
    const home = state.homes.get(user.id);
    return home?.id === id ? home : (state.modals.get(user.id)?.find((one) => one.id === id) ?? null);
  };

  const write = (text: string, channel: Channel): Json => {
    const typed = typedText(text).replaceAll('@pterodoc', `<@${BOT_USER_ID}>`);
    const place = { channelId: channel.id, userId: user.id, kind: 'typed' } as const;
    const message = addMessage(state, place, { text: typed, blocks: [] });
    return { ...messageObject(message), client_msg_id: crypto.randomUUID(), channel: channel.id, event_ts: message.ts };
  };

  const isVisible = ({ channelId, isDeleted, onlyFor }: Message, channel: Channel): boolean =>
    channelId === channel.id && !isDeleted && (onlyFor === null || onlyFor === user.id);
  const visibleMessages = (channel: Channel): readonly SeenMessage[] => {
    mustRead(channel);
    return state.messages.filter((message) => isVisible(message, channel)).map(seenMessage);
  };

  const opensTab = (tab: 'home' | 'messages'): Promise<SentEvent | null> => {
    const home = state.homes.get(user.id);
    return events.send('app_home_opened', {
      type: 'app_home_opened',
      user: user.id,
      channel: directChannel(state, user.id).id,
      tab,
      event_ts: state.nextTs(),
      ...(tab === 'home' && home !== undefined ? { view: viewObject(home) } : {}),
    });
  };

  return {
    id: user.id,
    name: user.name,
    email: user.email,
    visibleMessages,
    async slash(command, text, channel) {
      if (!state.app.commands.includes(command)) throw new Error(`${command} is not a valid command`);
      if (!state.grantedScopes.has('commands')) throw new Error('the app was installed without the scope commands');
      mustRead(channel);
      state.usedScopes.add('commands');
      const atMs = Date.now();
      const triggerId = triggers.issue(user.id);
      const responseUrl = responseUrls.issue({
        userId: user.id,
        channelId: channel.id,
        original: null,
        command: text === '' ? command : `${command} ${escapeText(text)}`,
      });
      const payload = {
        token: 'legacy-token',
        team_id: user.teamId,
        team_domain: user.teamId === TEAM_ID ? 'merchant' : 'elsewhere',
        channel_id: channel.id,
        channel_name: channel.kind === 'private' ? 'privategroup' : channel.name,
        user_id: user.id,
        user_name: user.name,
        command,
        text: escapeText(text.trim()),
        api_app_id: APP_ID,
        is_enterprise_install: 'false',
        response_url: responseUrl,
        trigger_id: triggerId,
      };
      const receipt = await transport.deliver({ kind: 'slash_commands', payload, retry: null });
      const wrong = receipt.answer === null ? null : responseUrls.apply(responseUrl, receipt.answer);
      const failure = wrong === null ? receipt.failure : 'invalid_command_response';
      return { atMs, ackMs: receipt.ackMs, failure, triggerId, responseUrl };
    },
    press(on, button) {
      const control = controlIn(on.blocks, button);
      if (control.type !== 'button') throw new Error(`"${button}" is no button`);
      return act(on, control, '');
    },
    choose: (on, select, option) => act(on, controlIn(on.blocks, select), option),
    async submitView(fields = {}) {
      const view = top();
      if (view === null) throw new Error('no modal is open');
      const atMs = Date.now();
      const triggerId = triggers.issue(user.id, view);
      const values = submittedValues(view, fields);
      const receipt = await interact({
        ...envelope('view_submission', triggerId),
        view: viewObject(view, values),
        response_urls: [],
      });
      if (receipt.failure !== null) {
        return { atMs, ackMs: null, failure: receipt.failure, triggerId, responseUrl: null };
      }
      const wrong = applyViewAnswer(state, view, receipt.answer);
      if (wrong !== null) state.complaints.push(`the answer to a submitted modal was refused: ${wrong}`);
      const failure = wrong === null ? null : 'invalid_command_response';
      return { atMs, ackMs: receipt.ackMs, failure, triggerId, responseUrl: null };
    },
    async closeView() {
      const view = top();
      if (view === null) throw new Error('no modal is open');
      applyViewAnswer(state, view, null);
      if (view.content['notify_on_close'] !== true) return null;
      const atMs = Date.now();
      const triggerId = triggers.issue(user.id);
      const { trigger_id: _none, ...payload } = envelope('view_closed', triggerId);
      const receipt = await interact({ ...payload, view: viewObject(view), is_cleared: false });
      return { atMs, ackMs: receipt.ackMs, failure: receipt.failure, triggerId, responseUrl: null };
    },
    async opensHome() {
      if (!state.app.hasHomeTab) throw new Error('the app has no Home tab');
      return opensTab('home');
    },
    opensMessages: () => opensTab('messages'),
    async dm(text) {
      if (!state.app.takesMessages) throw new Error('sending messages to this app has been turned off');
      return events.send('message.im', { ...write(text, directChannel(state, user.id)), channel_type: 'im' });
    },
    async says(text, channel) {
      if (!channel.members.has(user.id)) throw new Error(`${user.name} is not in #${channel.name}`);
      const message = write(text, channel);
      if (!text.includes('@pterodoc') || !channel.members.has(BOT_USER_ID)) return null;
      return events.send('app_mention', { ...message, type: 'app_mention' }, channel.isShared);
    },
    direct: () => directChannel(state, user.id),
    async sees(wanted, channel, withinMs = PATIENCE_MS) {
      mustRead(channel);
      const found = await waitFor(
        state,
        () => state.messages.findLast((message) => isVisible(message, channel) && isWanted(message, wanted)),
        withinMs,
        () =>
          `${user.name} does not see ${String(wanted)} in #${channel.name}, only:\n${readAll(visibleMessages(channel))}`,
      );
      return seenMessage(found);
    },
    modal() {
      const view = top();
      return view === null ? null : seenView(view);
    },
    home() {
      const view = state.homes.get(user.id);
      return view === undefined ? null : seenView(view);
    },
    seesModal(wanted, withinMs = PATIENCE_MS) {
      const find = (): SeenView | null => {
        const view = top();
        return view !== null && readsIn(view).includes(wanted) ? seenView(view) : null;
      };
      return waitFor(state, find, withinMs, () => `${user.name} sees no modal with "${wanted}"`);
    },
    seesHome(wanted, withinMs = PATIENCE_MS) {
      const find = (): SeenView | null => {
        const view = state.homes.get(user.id);
        return view !== undefined && readsIn(view).includes(wanted) ? seenView(view) : null;
      };
      return waitFor(state, find, withinMs, () => `${user.name} sees no Home tab with "${wanted}"`);
    },
    reloads() {
      for (const message of state.messages) if (message.onlyFor === user.id) message.isDeleted = true;
      state.changes.emit('change');
    },
  };
}

function isWanted(message: Message, wanted: Wanted): boolean {
  if (typeof wanted === 'function') return wanted(seenMessage(message));
  return typeof wanted === 'string' ? message.reads.includes(wanted) : wanted.test(message.reads);
}

function readAll(messages: readonly SeenMessage[]): string {
  return messages.map(({ reads }) => `- ${reads}`).join('\n') || 'nothing';
}

function readsIn(view: View): string {
  const { title, reads } = seenView(view);
  return `${title}\n${reads}`;
}
