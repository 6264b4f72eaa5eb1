import { blocksTextLength } from './block-text.ts';
import {
  array,
  boolean,
  both,
  byType,
  integer,
  isJson,
  type Json,
  must,
  nested,
  object,
  oneOf,
  type Optional,
  optional,
  type Problem,
  type Shape,
  string,
} from './shape.ts';

/*
 * The limits are those of https://docs.slack.dev/reference/block-kit/blocks,
 * https://docs.slack.dev/reference/block-kit/block-elements and
 * https://docs.slack.dev/reference/block-kit/composition-objects.
 */
const blockId = optional(string({ max: 255 }));
const actionId = optional(string({ min: 1, max: 255 }));
const type: Shape = () => [];

function plainText(max: number): Shape {
  const shape = object({ type: oneOf('plain_text'), text: string({ min: 1, max }), emoji: optional(boolean) });
  return nested(shape);
}

function anyText(max: number): Shape {
  return nested(
    byType({
      plain_text: object({ type, text: string({ min: 1, max }), emoji: optional(boolean) }),
      mrkdwn: object({ type, text: string({ min: 1, max }), verbatim: optional(boolean) }),
    }),
  );
}

const confirm = object({
  title: plainText(100),
  text: anyText(300),
  confirm: plainText(30),
  deny: plainText(30),
  style: optional(oneOf('primary', 'danger')),
});

function optionWith(text: Shape, more: Readonly<Record<string, Optional>> = {}): Shape {
  return object({
    text,
    value: string({ min: 1, max: 150 }),
    description: optional(plainText(75)),
    ...more,
  });
}

const option = optionWith(plainText(75));
const optionGroup = object({ label: plainText(75), options: array(option, { min: 1, max: 100 }) });

function element(properties: Readonly<Record<string, Shape | Optional>>): Shape {
  return object({ type, action_id: actionId, ...properties });
}

const confirmable = { confirm: optional(confirm) };
const focusable = { focus_on_load: optional(boolean) };
const placeholder = { placeholder: optional(plainText(150)) };
const selectable = { ...confirmable, ...focusable, ...placeholder };
const many = { max_selected_items: optional(integer(1, 100)) };
const dispatching = {
  dispatch_action_config: optional(
    object({ trigger_actions_on: array(oneOf('on_enter_pressed', 'on_character_entered'), { min: 1, max: 2 }) }),
  ),
};
const filter = optional(
  object({
    include: optional(array(oneOf('im', 'mpim', 'private', 'public'), { min: 1 })),
    exclude_external_shared_channels: optional(boolean),
    exclude_bot_users: optional(boolean),
  }),
);
const text = string();
const texts = array(text);
const choices = {
  options: optional(array(option, { min: 1, max: 100 })),
  option_groups: optional(array(optionGroup, { min: 1, max: 100 })),
};
const hasOneListOfOptions = must(
  'must define either `options` or `option_groups`, and not both',
  (value) => (value['options'] === undefined) !== (value['option_groups'] === undefined),
);
const richOption = optionWith(anyText(75));

const image = both(
  object({
    type,
    alt_text: string({ min: 1, max: 2000 }),
    image_url: optional(string({ min: 1, max: 3000, pattern: /^https?:\/\// })),
    slack_file: optional(object({ id: optional(text), url: optional(text) })),
  }),
  must(
    'must define either `image_url` or `slack_file`',
    (value) => (value['image_url'] === undefined) !== (value['slack_file'] === undefined),
  ),
);

const button = element({
  text: plainText(75),
  value: optional(string({ max: 2000 })),
  url: optional(string({ max: 3000, pattern: /^[a-z][a-z0-9+.-]*:/i })),
  style: optional(oneOf('primary', 'danger')),
  accessibility_label: optional(string({ max: 75 })),
  ...confirmable,
});

const selects = {
  static_select: both(element({ ...selectable, ...choices, initial_option: optional(option) }), hasOneListOfOptions),
  external_select: element({
    ...selectable,
    initial_option: optional(option),
    min_query_length: optional(integer(0, 3000)),
  }),
  users_select: element({ ...selectable, initial_user: optional(text) }),
  conversations_select: element({
    ...selectable,
    initial_conversation: optional(text),
    default_to_current_conversation: optional(boolean),
    response_url_enabled: optional(boolean),
    filter,
  }),
  channels_select: element({
    ...selectable,
    initial_channel: optional(text),
    response_url_enabled: optional(boolean),
  }),
  multi_static_select: both(
    element({ ...selectable, ...many, ...choices, initial_options: optional(array(option)) }),
    hasOneListOfOptions,
  ),
  multi_external_select: element({
    ...selectable,
    ...many,
    initial_options: optional(array(option)),
    min_query_length: optional(integer(0, 3000)),
  }),
  multi_users_select: element({ ...selectable, ...many, initial_users: optional(texts) }),
  multi_conversations_select: element({
    ...selectable,
    ...many,
    initial_conversations: optional(texts),
    default_to_current_conversation: optional(boolean),
    filter,
  }),
  multi_channels_select: element({ ...selectable, ...many, initial_channels: optional(texts) }),
};

const pickers = {
  datepicker: element({ ...selectable, initial_date: optional(string({ pattern: /^\d{4}-\d{2}-\d{2}$/ })) }),
  timepicker: element({
    ...selectable,
    initial_time: optional(string({ pattern: /^\d{2}:\d{2}$/ })),
    timezone: optional(text),
  }),
  checkboxes: element({
    ...confirmable,
    ...focusable,
    options: array(richOption, { min: 1, max: 10 }),
    initial_options: optional(array(richOption, { min: 1, max: 10 })),
  }),
  radio_buttons: element({
    ...confirmable,
    ...focusable,
    options: array(richOption, { min: 1, max: 10 }),
    initial_option: optional(richOption),
  }),
};

const dateTimePicker = element({
  ...confirmable,
  ...focusable,
  initial_date_time: optional(integer(0, 9_999_999_999)),
});
const linkOption = optionWith(plainText(75), { url: optional(string({ max: 3000 })) });
const overflow = element({ ...confirmable, options: array(linkOption, { min: 1, max: 5 }) });

const actionElements = byType({ button, overflow, datetimepicker: dateTimePicker, ...selects, ...pickers });
const accessories = byType({ button, overflow, image, ...selects, ...pickers });

const lengths = { min_length: optional(integer(0, 3000)), max_length: optional(integer(1, 3000)) };
const typed = { ...dispatching, ...focusable, ...placeholder, initial_value: optional(string({ max: 3000 })) };
const inputElements = byType({
  ...selects,
  ...pickers,
  datetimepicker: dateTimePicker,
  plain_text_input: element({ ...typed, ...lengths, multiline: optional(boolean) }),
  email_text_input: element(typed),
  url_text_input: element(typed),
  number_input: element({
    ...typed,
    is_decimal_allowed: boolean,
    min_value: optional(text),
    max_value: optional(text),
  }),
});

const style = optional(
  object({
    bold: optional(boolean),
    italic: optional(boolean),
    strike: optional(boolean),
    code: optional(boolean),
    underline: optional(boolean),
  }),
);
const inline = array(
  byType({
    text: object({ type, text: string({ min: 1 }), style }),
    link: object({ type, url: string({ min: 1 }), text: optional(text), unsafe: optional(boolean), style }),
    emoji: object({ type, name: text, unicode: optional(text), style }),
    user: object({ type, user_id: text, style }),
    usergroup: object({ type, usergroup_id: text, style }),
    channel: object({ type, channel_id: text, style }),
    broadcast: object({ type, range: oneOf('here', 'channel', 'everyone'), style }),
    date: object({
      type,
      timestamp: integer(0, 9_999_999_999),
      format: text,
      url: optional(text),
      fallback: optional(text),
      style,
    }),
    color: object({ type, value: text, style }),
  }),
);
const border = optional(integer(0, 1));
const section = object({ type, elements: inline });
const richText = object({
  type,
  block_id: blockId,
  elements: array(
    byType({
      rich_text_section: section,
      rich_text_list: object({
        type,
        style: oneOf('bullet', 'ordered'),
        elements: array(byType({ rich_text_section: section })),
        indent: optional(integer(0, 8)),
        border,
      }),
      rich_text_quote: object({ type, elements: inline, border }),
      rich_text_preformatted: object({ type, elements: inline, border }),
    }),
  ),
});

function block(properties: Readonly<Record<string, Shape | Optional>>): Shape {
  return object({ type, block_id: blockId, ...properties });
}

const blocksEverywhere = {
  section: both(
    block({
      text: optional(anyText(3000)),
      fields: optional(array(anyText(2000), { min: 1, max: 10 })),
      accessory: optional(accessories),
      expand: optional(boolean),
    }),
    must(
      'must define either `text` or `fields`',
      (value) => value['text'] !== undefined || value['fields'] !== undefined,
    ),
  ),
  header: block({ text: plainText(150) }),
  divider: block({}),
  actions: block({ elements: array(actionElements, { min: 1, max: 25 }) }),
  context: block({
    elements: array(
      byType({
        image,
        plain_text: object({ type, text: string({ min: 1, max: 3000 }), emoji: optional(boolean) }),
        mrkdwn: object({ type, text: string({ min: 1, max: 3000 }), verbatim: optional(boolean) }),
      }),
      { min: 1, max: 10 },
    ),
  }),
  image: both(
    block({
      alt_text: string({ min: 1, max: 2000 }),
      title: optional(plainText(2000)),
      image_url: optional(string({ min: 1, max: 3000, pattern: /^https?:\/\// })),
      slack_file: optional(object({ id: optional(text), url: optional(text) })),
    }),
    must(
      'must define either `image_url` or `slack_file`',
      (value) => (value['image_url'] === undefined) !== (value['slack_file'] === undefined),
    ),
  ),
  input: block({
    label: plainText(2000),
    element: inputElements,
    hint: optional(plainText(2000)),
    optional: optional(boolean),
    dispatch_action: optional(boolean),
  }),
  rich_text: richText,
};

const cell = byType({
  raw_text: object({ type, text }),
  raw_number: object({ type, value: integer(-1e15, 1e15), text }),
  rich_text: richText,
});
const messageBlock = byType({
  ...blocksEverywhere,
  markdown: block({ text: string({ min: 1, max: 12_000 }) }),
  table: block({
    rows: array(array(cell, { min: 1, max: 20 }), { min: 1, max: 100 }),
    column_settings: optional(
      array(object({ align: optional(oneOf('left', 'center', 'right')), is_wrapped: optional(boolean) }), { max: 20 }),
    ),
  }),
});
const viewBlock = byType(blocksEverywhere);

/** All blocks' texts together may have this many characters; measured by others, Slack names no number. */
const ALL_TEXT_MAX = 13_200;

/** What Slack answers to blocks that it does not take. */
export interface BlocksRefusal {
  readonly error: 'invalid_blocks' | 'msg_blocks_too_long';
  readonly problems: readonly Problem[];
}

/** Why a message may not have these blocks, or null. */
export function refuseBlocks(blocks: unknown): BlocksRefusal | null {
  const problems = [...array(messageBlock, { max: 50 })(blocks, '/blocks'), ...repeatedIds(blocks, '/blocks')];
  const kinds = Array.isArray(blocks) ? blocks.filter(isJson).map((one) => one['type']) : [];
  if (kinds.filter((kind) => kind === 'table').length > 1) {
    problems.push({ message: 'only one table is allowed', at: '/blocks' });
  }
  if (problems.length > 0) return { error: 'invalid_blocks', problems };
  return blocksTextLength(blocks) > ALL_TEXT_MAX ? { error: 'msg_blocks_too_long', problems: [] } : null;
}

const viewProperties = {
  type,
  blocks: array(viewBlock, { max: 100 }),
  private_metadata: optional(string({ max: 3000 })),
  callback_id: optional(string({ max: 255 })),
  external_id: optional(string({ max: 255 })),
};
const VIEW_MAX_BYTES = 250_000;
const viewShape = byType({
  home: object(viewProperties),
  modal: both(
    object({
      ...viewProperties,
      title: plainText(24),
      submit: optional(plainText(24)),
      close: optional(plainText(24)),
      clear_on_close: optional(boolean),
      notify_on_close: optional(boolean),
    }),
    must(
      'missing required field: submit',
      (view) =>
        view['submit'] !== undefined ||
        !(Array.isArray(view['blocks']) && view['blocks'].some((one) => isJson(one) && one['type'] === 'input')),
    ),
  ),
});

/** What is wrong with a modal or a Home view; nothing when Slack takes it. */
export function problemsOfView(view: unknown): readonly Problem[] {
  const problems = [...viewShape(view, '/view')];
  if (isJson(view)) problems.push(...repeatedIds(view['blocks'], '/view/blocks'));
  if (Buffer.byteLength(JSON.stringify(view) ?? '') > VIEW_MAX_BYTES) {
    problems.push({ message: 'view is too large', at: '/view' });
  }
  return problems;
}

/** `block_id` is unique per message, `action_id` per block. */
function repeatedIds(blocks: unknown, at: string): readonly Problem[] {
  if (!Array.isArray(blocks)) return [];
  const seen = new Set<unknown>();
  return blocks.filter(isJson).flatMap((block, index) => {
    const problems: Problem[] = [];
    const id = block['block_id'];
    if (id !== undefined && seen.has(id)) {
      problems.push({ message: `\`block_id\` "${String(id)}" already exists`, at: `${at}/${index}/block_id` });
    }
    seen.add(id);
    const actionIds = elementsOf(block).flatMap((one) => (one['action_id'] === undefined ? [] : [one['action_id']]));
    if (new Set(actionIds).size < actionIds.length) {
      problems.push({ message: '`action_id` must be unique in a block', at: `${at}/${index}/elements` });
    }
    return problems;
  });
}

/** What people can press, choose from or fill in, in one block. */
export function elementsOf(block: Json): readonly Json[] {
  const list: readonly unknown[] = Array.isArray(block['elements']) ? block['elements'] : [];
  return [...list, block['accessory'], block['element']].filter(isJson);
}
