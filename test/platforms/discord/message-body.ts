/** Message flags this platform knows. https://docs.discord.com/developers/resources/message#message-object-message-flags */
export const messageFlag = {
  suppressEmbeds: 1 << 2,
  ephemeral: 1 << 6,
  loading: 1 << 7,
  suppressNotifications: 1 << 12,
  componentsV2: 1 << 15,
} as const;

export const componentType = {
  actionRow: 1,
  button: 2,
  stringSelect: 3,
  textInput: 4,
  userSelect: 5,
  roleSelect: 6,
  mentionableSelect: 7,
  channelSelect: 8,
  section: 9,
  textDisplay: 10,
  thumbnail: 11,
  mediaGallery: 12,
  file: 13,
  separator: 14,
  container: 17,
  label: 18,
} as const;

/** A component as it came in, once the schema has found nothing wrong with its fields. */
export interface Component {
  readonly type: number;
  readonly id?: number | null;
  readonly custom_id?: string | null;
  readonly label?: string | null;
  readonly description?: string | null;
  readonly placeholder?: string | null;
  readonly disabled?: boolean | null;
  readonly required?: boolean | null;
  readonly style?: number;
  readonly url?: string | null;
  readonly emoji?: { readonly name?: string | null; readonly id?: string | null } | null;
  readonly content?: string;
  readonly value?: string | null;
  readonly min_values?: number | null;
  readonly max_values?: number | null;
  readonly min_length?: number | null;
  readonly max_length?: number | null;
  readonly options?: readonly SelectOption[];
  readonly components?: readonly Component[];
  readonly component?: Component;
  readonly accessory?: Component;
  readonly accent_color?: number | null;
  readonly spoiler?: boolean | null;
  readonly media?: { readonly url: string };
  readonly file?: { readonly url: string };
  readonly items?: readonly { readonly media: { readonly url: string } }[];
}

export interface SelectOption {
  readonly label: string;
  readonly value: string;
  readonly description?: string | null;
  readonly default?: boolean | null;
}

export interface Embed {
  readonly title?: string | null;
  readonly description?: string | null;
  readonly url?: string | null;
  readonly image?: { readonly url?: string | null } | null;
  readonly thumbnail?: { readonly url?: string | null } | null;
  readonly author?: { readonly name?: string | null } | null;
  readonly footer?: { readonly text?: string | null } | null;
  readonly fields?: readonly { readonly name: string; readonly value: string; readonly inline?: boolean }[] | null;
}

export interface AllowedMentions {
  readonly parse?: readonly string[] | null;
  readonly users?: readonly string[] | null;
  readonly roles?: readonly string[] | null;
  readonly replied_user?: boolean | null;
}

/** The fields of a message request that rules look at. `undefined` leaves what an edited message has. */
export interface MessageBody {
  readonly content?: string | null;
  readonly embeds?: readonly Embed[] | null;
  readonly components?: readonly Component[] | null;
  readonly allowed_mentions?: AllowedMentions | null;
  readonly attachments?: readonly { readonly id: string; readonly filename?: string | null }[] | null;
  readonly sticker_ids?: readonly string[] | null;
  readonly poll?: object | null;
  readonly flags?: number | null;
  readonly nonce?: string | number | null;
  readonly enforce_nonce?: boolean | null;
  readonly message_reference?: {
    readonly message_id: string;
    readonly channel_id?: string | null;
    readonly fail_if_not_exists?: boolean | null;
  } | null;
}

/** A component and the place it was found at. */
export interface PlacedComponent {
  readonly component: Component;
  readonly path: readonly (string | number)[];
}

/** Every component, nested ones after the one that holds them. */
export function everyComponent(
  components: readonly Component[],
  at: readonly (string | number)[] = ['components'],
): readonly PlacedComponent[] {
  return components.flatMap((component, index) => withInner(component, [...at, index]));
}

function withInner(component: Component, path: readonly (string | number)[]): readonly PlacedComponent[] {
  return [
    { component, path },
    ...everyComponent(component.components ?? [], [...path, 'components']),
    ...(component.component === undefined ? [] : withInner(component.component, [...path, 'component'])),
    ...(component.accessory === undefined ? [] : withInner(component.accessory, [...path, 'accessory'])),
  ];
}

export function isSelect({ type }: Component): boolean {
  return (
    type === componentType.stringSelect || (type >= componentType.userSelect && type <= componentType.channelSelect)
  );
}

export function hasFlag(flags: number | null | undefined, flag: number): boolean {
  return ((flags ?? 0) & flag) !== 0;
}

export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
