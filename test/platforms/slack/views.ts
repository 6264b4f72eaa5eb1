import { problemsOfView } from './block-kit.ts';
import { liveMarkupOf } from './block-text.ts';
import { isJson, type Json } from './shape.ts';
import { APP_ID, BOT_ID, type State, TEAM_ID, type View, withBlockIds } from './state.ts';

/** The screens an app shows: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload */
export interface Triggers {
  /** A trigger_id for somebody who just did something. */
  issue(userId: string, modal?: View): string;
  /** Uses a trigger_id up; answers with its owner, or with Slack's error. */
  spend(id: string): { readonly userId: string; readonly modal: View | null } | string;
}

const TRIGGER_LIVES_MS = 3000;
const STACK_MAX = 3;

export function createTriggers(state: State): Triggers {
  const issued = new Map<string, { userId: string; modal: View | null; expiresAtMs: number; isSpent: boolean }>();
  return {
    issue(userId, modal) {
      const id = `${Date.now()}.${state.nextId('')}.${crypto.randomUUID().slice(0, 8)}`;
      const expiresAtMs = state.clock.now() + TRIGGER_LIVES_MS;
      issued.set(id, { userId, modal: modal ?? null, expiresAtMs, isSpent: false });
      return id;
    },
    spend(id) {
      const trigger = issued.get(id);
      if (trigger === undefined) return 'invalid_trigger_id';
      if (trigger.isSpent) return 'exchanged_trigger_id';
      if (trigger.expiresAtMs < state.clock.now()) return 'expired_trigger_id';
      trigger.isSpent = true;
      return trigger;
    },
  };
}

/** What Slack answers to a view that it does not take, in its words; null when it does. */
export function refuseView(view: unknown, type: View['type']): readonly string[] | null {
  const problems = problemsOfView(view).map(({ message, at }) => `[ERROR] ${message} [json-pointer:${at}]`);
  if (problems.length > 0) return problems;
  return isJson(view) && view['type'] === type ? null : [`[ERROR] must be a view of type ${type} [json-pointer:/view]`];
}

/** Puts a modal on somebody's screen: alone, or on top of those that are open. Null when there are too many. */
export function showModal(state: State, userId: string, content: Json, below: View | null): View | null {
  const stack = below === null ? [] : (state.modals.get(userId) ?? []);
  if (stack.length >= STACK_MAX) return null;
  const id = state.nextId('V');
  const view: View = {
    id,
    userId,
    type: 'modal',
    rootId: below?.rootId ?? id,
    previousId: below?.id ?? null,
    hash: newHash(state),
    content: settled(state, content),
    errors: {},
  };
  state.modals.set(userId, [...stack, view]);
  state.changes.emit('change');
  return view;
}

export function publishHome(state: State, userId: string, content: Json): View {
  const known = state.homes.get(userId);
  const id = known?.id ?? state.nextId('V');
  const view: View = {
    id,
    userId,
    type: 'home',
    rootId: id,
    previousId: null,
    hash: newHash(state),
    content: settled(state, content),
    errors: {},
  };
  state.homes.set(userId, view);
  state.changes.emit('change');
  return view;
}

export function changeView(state: State, view: View, content: Json): void {
  view.content = settled(state, content);
  view.hash = newHash(state);
  view.errors = {};
  state.changes.emit('change');
}

export function findModal(state: State, id: string): View | null {
  for (const stack of state.modals.values()) {
    const found = stack.find((view) => view.id === id || view.content['external_id'] === id);
    if (found !== undefined) return found;
  }
  return null;
}

/** A view as payloads and answers show it. */
export function viewObject(view: View, values: Json = {}): Json {
  return {
    private_metadata: '',
    callback_id: '',
    external_id: '',
    clear_on_close: false,
    notify_on_close: false,
    title: null,
    close: null,
    submit: null,
    ...view.content,
    id: view.id,
    team_id: TEAM_ID,
    app_id: APP_ID,
    app_installed_team_id: TEAM_ID,
    bot_id: BOT_ID,
    hash: view.hash,
    state: { values },
    previous_view_id: view.previousId,
    root_view_id: view.rootId,
  };
}

/** What somebody does with the modal after the app has answered its submission. Answers with what is wrong. */
export function applyViewAnswer(state: State, view: View, answer: Json | null): string | null {
  const stack = state.modals.get(view.userId) ?? [];
  const replaceStack = (views: readonly View[]): null => {
    state.modals.set(view.userId, [...views]);
    state.changes.emit('change');
    return null;
  };
  if (answer === null) return replaceStack(stack.filter((one) => one !== view));
  switch (answer['response_action']) {
    case 'errors': {
      const errors = isJson(answer['errors']) ? answer['errors'] : {};
      const inputs = inputIds(view.content);
      const wrong = Object.keys(errors).find((id) => !inputs.includes(id));
      if (wrong !== undefined || Object.keys(errors).length === 0) return `errors names no input block: ${wrong ?? ''}`;
      view.errors = Object.fromEntries(Object.entries(errors).map(([id, words]) => [id, String(words)]));
      return replaceStack(stack);
    }
    case 'clear':
      return replaceStack([]);
    case 'update':
    case 'push': {
      const content = answer['view'];
      const problems = refuseView(content, 'modal');
      if (problems !== null || !isJson(content)) return problems?.join(' ') ?? 'no view';
      if (answer['response_action'] === 'update') changeView(state, view, content);
      else if (showModal(state, view.userId, content, view) === null) return 'push_limit_reached';
      return null;
    }
    default:
      return `unknown response_action: ${String(answer['response_action'])}`;
  }
}

function inputIds(content: Json): readonly string[] {
  const blocks = Array.isArray(content['blocks']) ? content['blocks'].filter(isJson) : [];
  return blocks.filter(({ type }) => type === 'input').map((block) => String(block['block_id']));
}

function settled(state: State, content: Json): Json {
  const blocks = Array.isArray(content['blocks']) ? content['blocks'].filter(isJson) : [];
  state.liveInViews.push(liveMarkupOf(blocks));
  return { ...content, blocks: withBlockIds(state, blocks) };
}

function newHash(state: State): string {
  return `${Math.floor(state.clock.now() / 1000)}.${crypto.randomUUID().slice(0, 8)}`;
}
