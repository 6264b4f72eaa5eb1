import { componentFaults } from './component-rules.ts';
import {
  type AllowedMentions,
  codePoints,
  componentType,
  type Embed,
  everyComponent,
  hasFlag,
  type MessageBody,
  messageFlag,
} from './message-body.ts';
import { type FormFault, refusal, refuseFaults } from './refusal.ts';

/** What an edited message has already; a new message starts from nothing. */
export interface MessageBefore {
  readonly content: string;
  readonly embeds: readonly Embed[];
  readonly components: readonly unknown[];
  readonly flags: number;
  readonly attachments: readonly { readonly filename: string }[];
}

const nothingBefore: MessageBefore = { content: '', embeds: [], components: [], flags: 0, attachments: [] };

// https://docs.discord.com/developers/resources/message#create-message
const CONTENT_MAX = 2000;
// https://docs.discord.com/developers/resources/message#embed-object-embed-limits
const EMBEDS_TEXT_MAX = 6000;
// https://docs.discord.com/developers/components/reference#legacy-message-component-behavior
const ROWS_MAX = 5;
// https://docs.discord.com/developers/components/reference#component-object
const COMPONENTS_MAX = 40;
const DISPLAYED_TEXT_MAX = 4000;
// Beyond this many UTF-8 bytes, with 12 more for each display, Discord answers 500:
// https://github.com/discord/discord-api-docs/issues/8554
const DISPLAYED_BYTES_MAX = 10_170;
const BYTES_PER_DISPLAY = 12;

/** Throws what Discord refuses in a message beyond its published schema. */
export function refuseMessage(
  body: MessageBody,
  files: readonly string[],
  before: MessageBefore = nothingBefore,
  at: readonly (string | number)[] = [],
): void {
  const after = {
    content: body.content === undefined ? before.content : (body.content ?? ''),
    embeds: body.embeds === undefined ? before.embeds : (body.embeds ?? []),
    components: body.components === undefined ? null : (body.components ?? []),
    attachments: attachmentsAfter(body, files, before),
  };
  const wasV2 = hasFlag(before.flags, messageFlag.componentsV2);
  const isV2 = wasV2 || hasFlag(body.flags, messageFlag.componentsV2);
  const hasComponents = after.components === null ? before.components.length > 0 : after.components.length > 0;
  const faults = [
    ...(wasV2 && body.flags !== undefined && body.flags !== null && !hasFlag(body.flags, messageFlag.componentsV2)
      ? [fault(['flags'], 'MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG', 'IS_COMPONENTS_V2 cannot be removed.')]
      : []),
    ...contentFaults(after.content),
    ...embedFaults(after.embeds),
    ...mentionFaults(body.allowed_mentions),
    ...(isV2 ? legacyFieldFaults(body, after) : []),
    ...(after.components === null ? [] : componentFaults(after.components, after.attachments)),
    ...(after.components === null ? [] : isV2 ? v2Faults(after.components) : classicFaults(after.components)),
  ].map((found) => ({ ...found, path: [...at, ...found.path] }));
  refuseFaults(faults);
  const isEmpty = isV2
    ? !hasComponents
    : after.content.trim() === '' &&
      after.embeds.length === 0 &&
      after.attachments.length === 0 &&
      (body.sticker_ids ?? []).length === 0 &&
      (body.poll ?? null) === null;
  if (isEmpty) throw refusal('emptyMessage');
  if (isV2 && after.components !== null && displayedBytes(after.components) > DISPLAYED_BYTES_MAX) {
    throw refusal('internal');
  }
}

/** The names of the attachments a message has after the request. */
export function attachmentsAfter(
  body: MessageBody,
  files: readonly string[],
  before: MessageBefore,
): readonly string[] {
  const kept = body.attachments === undefined ? before.attachments.map(({ filename }) => filename) : [];
  const named = (body.attachments ?? []).flatMap(({ filename }) =>
    filename === undefined || filename === null ? [] : [filename],
  );
  return [...new Set([...kept, ...named, ...files])];
}

function contentFaults(content: string): readonly FormFault[] {
  if (codePoints(content.trim()) <= CONTENT_MAX) return [];
  return [fault(['content'], 'BASE_TYPE_MAX_LENGTH', `Must be ${CONTENT_MAX} or fewer in length.`)];
}

function embedFaults(embeds: readonly Embed[]): readonly FormFault[] {
  const texts = embeds.flatMap(({ title, description, author, footer, fields }) => [
    title,
    description,
    author?.name,
    footer?.text,
    ...(fields ?? []).flatMap(({ name, value }) => [name, value]),
  ]);
  const total = texts.reduce((sum, text) => sum + codePoints((text ?? '').trim()), 0);
  return [
    ...(total > EMBEDS_TEXT_MAX
      ? [fault(['embeds'], 'MAX_EMBED_SIZE_EXCEEDED', `Embed size exceeds maximum size of ${EMBEDS_TEXT_MAX}`)]
      : []),
    ...embeds.flatMap((embed, index) => [
      ...(isEmptyEmbed(embed) ? [required(['embeds', index, 'description'])] : []),
      ...(embed.fields ?? []).flatMap(({ name, value }, place) => [
        ...(name.trim() === '' ? [required(['embeds', index, 'fields', place, 'name'])] : []),
        ...(value.trim() === '' ? [required(['embeds', index, 'fields', place, 'value'])] : []),
      ]),
    ]),
  ];
}

function isEmptyEmbed({ title, description, author, footer, fields, image, thumbnail }: Embed): boolean {
  const texts = [title, description, author?.name, footer?.text, image?.url, thumbnail?.url];
  return (fields ?? []).length === 0 && texts.every((text) => (text ?? '').trim() === '');
}

// https://docs.discord.com/developers/resources/message#allowed-mentions-object
function mentionFaults(allowed: AllowedMentions | null | undefined): readonly FormFault[] {
  return (['users', 'roles'] as const).flatMap((kind) =>
    (allowed?.parse ?? []).includes(kind) && (allowed?.[kind] ?? []).length > 0
      ? [
          fault(
            ['allowed_mentions'],
            'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
            `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
          ),
        ]
      : [],
  );
}

function legacyFieldFaults(
  body: MessageBody,
  after: { readonly content: string; readonly embeds: readonly Embed[] },
): readonly FormFault[] {
  const used = [
    ...(after.content === '' ? [] : ['content']),
    ...(after.embeds.length === 0 ? [] : ['embeds']),
    ...((body.sticker_ids ?? []).length === 0 ? [] : ['sticker_ids']),
    ...((body.poll ?? null) === null ? [] : ['poll']),
  ];
  return used.map((field) =>
    fault(
      [field],
      'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
      `The '${field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
    ),
  );
}

function classicFaults(components: NonNullable<MessageBody['components']>): readonly FormFault[] {
  return [
    ...(components.length > ROWS_MAX
      ? [fault(['components'], 'BASE_TYPE_BAD_LENGTH', `Must be between 1 and ${ROWS_MAX} in length.`)]
      : []),
    ...components.flatMap(({ type }, index) =>
      type === componentType.actionRow
        ? []
        : [fault(['components', index], 'UNION_TYPE_CHOICES', 'Value of field "type" must be one of (1,).')],
    ),
  ];
}

function v2Faults(components: NonNullable<MessageBody['components']>): readonly FormFault[] {
  const all = everyComponent(components);
  const shown = textDisplays(components).reduce((sum, text) => sum + codePoints(text), 0);
  return [
    ...(all.length > COMPONENTS_MAX
      ? [
          fault(
            ['components'],
            'COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED',
            `The total number of components exceeds the maximum of ${COMPONENTS_MAX}`,
          ),
        ]
      : []),
    ...(shown > DISPLAYED_TEXT_MAX
      ? [
          fault(
            ['components'],
            'COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED',
            `The total displayable text size exceeds the maximum of ${DISPLAYED_TEXT_MAX}`,
          ),
        ]
      : []),
  ];
}

function displayedBytes(components: NonNullable<MessageBody['components']>): number {
  return textDisplays(components).reduce((sum, text) => sum + Buffer.byteLength(text) + BYTES_PER_DISPLAY, 0);
}

function textDisplays(components: NonNullable<MessageBody['components']>): readonly string[] {
  return everyComponent(components).flatMap(({ component }) =>
    component.type === componentType.textDisplay ? [component.content ?? ''] : [],
  );
}

function required(path: FormFault['path']): FormFault {
  return fault(path, 'BASE_TYPE_REQUIRED', 'This field is required');
}

function fault(path: FormFault['path'], code: string, message: string): FormFault {
  return { path, code, message };
}
