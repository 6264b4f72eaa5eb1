import { elementsOf } from './block-kit.ts';
import { readingOf } from './block-text.ts';
import type { LiveMarkup } from './markup.ts';
import { isJson, type Json } from './shape.ts';
import type { Message, Revision, State, View } from './state.ts';

/** A message as somebody saw it at one moment; it does not change any more. */
export interface SeenMessage {
  readonly ts: string;
  readonly channelId: string;
  readonly userId: string;
  readonly text: string;
  readonly blocks: readonly Json[];
  /** Everything there is to read in it, line by line; the fallback text where there are no blocks. */
  readonly reads: string;
  readonly isEphemeral: boolean;
  /** It shows the command that somebody typed. */
  readonly isCommand: boolean;
  readonly threadTs: string | null;
  readonly live: LiveMarkup;
  readonly revisions: readonly Revision[];
}

/** A modal or Home tab as somebody saw it at one moment. */
export interface SeenView {
  readonly id: string;
  readonly content: Json;
  readonly blocks: readonly Json[];
  readonly title: string;
  readonly reads: string;
  readonly errors: Readonly<Record<string, string>>;
}

/** Something in blocks that can be pressed, chosen from or filled in. */
export interface Control {
  readonly blockId: string;
  readonly actionId: string;
  readonly type: string;
  /** What is written on a button, or the placeholder of a select. */
  readonly label: string;
  readonly element: Json;
}

export function seenMessage(message: Message): SeenMessage {
  return {
    ts: message.ts,
    channelId: message.channelId,
    userId: message.userId,
    text: message.text,
    blocks: message.blocks,
    reads: message.reads,
    isEphemeral: message.onlyFor !== null,
    isCommand: message.kind === 'command',
    threadTs: message.threadTs,
    live: message.live,
    revisions: [...message.revisions],
  };
}

export function seenView(view: View): SeenView {
  const { content } = view;
  const blocks = blocksOf(content);
  return {
    id: view.id,
    content,
    blocks,
    title: isJson(content['title']) ? String(content['title']['text']) : '',
    reads: readingOf(blocks),
    errors: view.errors,
  };
}

export function blocksOf(content: Json): readonly Json[] {
  return Array.isArray(content['blocks']) ? content['blocks'].filter(isJson) : [];
}

/** All controls of blocks, in reading order. */
export function controlsOf(blocks: readonly Json[]): readonly Control[] {
  return blocks.flatMap((block) =>
    elementsOf(block)
      .filter((element) => typeof element['action_id'] === 'string')
      .map((element) => {
        const words = element['text'] ?? element['placeholder'];
        return {
          blockId: String(block['block_id']),
          actionId: String(element['action_id']),
          type: String(element['type']),
          label: isJson(words) ? String(words['text']) : '',
          element,
        };
      }),
  );
}

/** The control with this label or action_id; throws when nobody could press it. */
export function controlIn(blocks: readonly Json[], name: string): Control {
  const controls = controlsOf(blocks);
  const found = controls.find(({ label, actionId }) => label === name || actionId === name);
  if (found !== undefined) return found;
  const there = controls.map(({ label, actionId }) => label || actionId).join(', ');
  throw new Error(`there is no "${name}" to press or choose from, only: ${there}`);
}

/** What choosing or typing leaves in a control, as payloads tell it. */
export function valueIn({ element, type }: Control, given: string): Json {
  switch (type) {
    case 'button':
      return { value: element['value'], text: element['text'], ...styleOf(element) };
    case 'static_select':
    case 'overflow':
    case 'radio_buttons':
      return { selected_option: optionIn(element, given) };
    case 'checkboxes':
    case 'multi_static_select':
      return { selected_options: given === '' ? [] : given.split(',').map((one) => optionIn(element, one)) };
    case 'users_select':
      return { selected_user: given };
    case 'conversations_select':
      return { selected_conversation: given };
    case 'channels_select':
      return { selected_channel: given };
    case 'datepicker':
      return { selected_date: given };
    case 'timepicker':
      return { selected_time: given };
    default:
      return { value: given === '' ? null : given };
  }
}

function styleOf(element: Json): Json {
  return element['style'] === undefined ? {} : { style: element['style'] };
}

function optionIn(element: Json, name: string): Json {
  const groups = Array.isArray(element['option_groups']) ? element['option_groups'].filter(isJson) : [];
  const options = [element, ...groups].flatMap(({ options }) => (Array.isArray(options) ? options.filter(isJson) : []));
  const found = options.find(({ value, text }) => value === name || (isJson(text) && text['text'] === name));
  if (found === undefined) throw new Error(`there is no option "${name}"`);
  return found;
}

/** Waits until something is to be seen; throws with `missing` when it does not come. */
export async function waitFor<T>(
  state: State,
  find: () => T | null | undefined,
  withinMs: number,
  missing: () => string,
): Promise<T> {
  const found = find();
  if (found !== null && found !== undefined) return found;
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const seen = find();
      if (seen === null || seen === undefined) return;
      finish();
      resolve(seen);
    };
    const finish = (): void => {
      state.changes.off('change', look);
      clearTimeout(timer);
    };
    const timer = setTimeout(() => {
      finish();
      reject(new Error(missing()));
    }, withinMs);
    state.changes.on('change', look);
  });
}
