import { type Component, componentType, type Embed, isSelect } from './message-body.ts';

type Wire = Record<string, unknown>;

/** A component as Discord gives it back: numbered, with its defaults, without what is null. */
export function componentWire(component: Component): Wire {
  const { components, component: inner, accessory, options } = component;
  return {
    ...present(component),
    ...defaultsOf(component),
    ...(components === undefined ? {} : { components: components.map(componentWire) }),
    ...(inner === undefined ? {} : { component: componentWire(inner) }),
    ...(accessory === undefined ? {} : { accessory: componentWire(accessory) }),
    ...(options === undefined ? {} : { options: options.map(present) }),
  };
}

export function embedWire(embed: Embed): Wire {
  const { fields } = embed;
  return {
    type: 'rich',
    ...present(embed),
    ...(fields === undefined || fields === null
      ? {}
      : { fields: fields.map((field) => ({ ...field, inline: field.inline ?? false })) }),
  };
}

function defaultsOf(component: Component): Wire {
  const { type, media, file, items } = component;
  if (isSelect(component)) return { min_values: component.min_values ?? 1, max_values: component.max_values ?? 1 };
  switch (type) {
    case componentType.container:
      return { accent_color: component.accent_color ?? null, spoiler: component.spoiler ?? false };
    case componentType.separator:
      return { divider: true, spacing: 1, ...present(component) };
    case componentType.thumbnail:
      return {
        media: mediaWire(media),
        description: component.description ?? null,
        spoiler: component.spoiler ?? false,
      };
    case componentType.file:
      return { file: mediaWire(file), name: nameOf(file), size: null, spoiler: component.spoiler ?? false };
    case componentType.mediaGallery:
      return {
        items: (items ?? []).map((item) => ({
          description: null,
          spoiler: false,
          ...item,
          media: mediaWire(item.media),
        })),
      };
    default:
      return {};
  }
}

function mediaWire(media: { readonly url: string } | undefined): Wire {
  const url = media?.url ?? '';
  return { id: '0', url, proxy_url: url, width: null, height: null };
}

function nameOf(file: { readonly url: string } | undefined): string | null {
  return /^attachment:\/\/(.+)$/.exec(file?.url ?? '')?.[1] ?? null;
}

function present(value: object): Wire {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null));
}
