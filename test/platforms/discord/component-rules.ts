import { type Component, componentType, everyComponent, isSelect, type PlacedComponent } from './message-body.ts';
import type { FormFault } from './refusal.ts';

type Path = FormFault['path'];

const BUTTON_LINK = 5;
const BUTTON_PREMIUM = 6;

/** What Discord refuses in components beyond the published schema of each. */
export function componentFaults(
  components: readonly Component[],
  attachments: readonly string[],
): readonly FormFault[] {
  const all = everyComponent(components);
  return [
    ...repeated(all, ({ custom_id }) => custom_id ?? null, 'custom_id', 'COMPONENT_CUSTOM_ID_DUPLICATED', 'custom id'),
    ...repeated(all, ({ id }) => (id ?? 0) || null, 'id', 'COMPONENT_ID_DUPLICATED', 'id'),
    ...all.flatMap(({ component, path }) => faultsOf(component, path, attachments)),
  ];
}

function faultsOf(component: Component, path: Path, attachments: readonly string[]): readonly FormFault[] {
  switch (component.type) {
    case componentType.actionRow:
      return rowFaults(component, path);
    case componentType.button:
      return buttonFaults(component, path);
    case componentType.thumbnail:
      return mediaFaults(component.media?.url, [...path, 'media'], attachments);
    case componentType.mediaGallery:
      return (component.items ?? []).flatMap(({ media }, index) =>
        mediaFaults(media.url, [...path, 'items', index, 'media'], attachments),
      );
    case componentType.file:
      return (component.file?.url ?? '').startsWith('attachment://')
        ? mediaFaults(component.file?.url, [...path, 'file'], attachments)
        : [fault([...path, 'file', 'url'], 'UNFURLED_MEDIA_ITEM_ATTACHMENT_REQUIRED', 'Must be an attachment:// URL.')];
    default:
      return isSelect(component) ? selectFaults(component, path) : [];
  }
}

function rowFaults({ components = [] }: Component, path: Path): readonly FormFault[] {
  if (!components.some(isSelect) || components.length === 1) return [];
  return [
    fault(
      [...path, 'components'],
      'COMPONENT_LAYOUT_WIDTH_EXCEEDED',
      'The specified component exceeds the maximum width',
    ),
  ];
}

// https://docs.discord.com/developers/components/reference#button
function buttonFaults(button: Component, path: Path): readonly FormFault[] {
  const { style, custom_id = null, url = null, label = null, emoji = null } = button;
  const faults: FormFault[] = [];
  if (custom_id !== null && url !== null) {
    faults.push(
      fault(path, 'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE', 'A custom id and url cannot both be specified'),
    );
  } else if (style === BUTTON_LINK) {
    if (url === null) faults.push(fault([...path, 'url'], 'BASE_TYPE_REQUIRED', 'A url is required'));
    if (custom_id !== null)
      faults.push(fault([...path, 'custom_id'], 'BUTTON_COMPONENT_CUSTOM_ID_NOT_ALLOWED', 'A link has none'));
  } else if (style !== BUTTON_PREMIUM) {
    if (custom_id === null) {
      faults.push(fault([...path, 'custom_id'], 'BUTTON_COMPONENT_CUSTOM_ID_REQUIRED', 'A custom id is required'));
    }
    if (url !== null) faults.push(fault([...path, 'url'], 'BUTTON_COMPONENT_URL_NOT_ALLOWED', 'Only a link has a url'));
  }
  if (style !== BUTTON_PREMIUM && (label ?? '').trim() === '' && emoji === null) {
    faults.push(fault(path, 'BUTTON_COMPONENT_LABEL_REQUIRED', 'A label or an emoji is required'));
  }
  if (url !== null && !/^(?:https?|discord):/i.test(url)) {
    faults.push(fault([...path, 'url'], 'URL_TYPE_INVALID_SCHEME', 'Scheme must be one of (discord, http, https).'));
  }
  return faults;
}

// https://docs.discord.com/developers/components/reference#string-select
function selectFaults(select: Component, path: Path): readonly FormFault[] {
  const { options = [] } = select;
  const least = select.min_values ?? 1;
  const most = select.max_values ?? 1;
  const values = options.map(({ value }) => value);
  const isChosenFromList = select.type === componentType.stringSelect;
  return [
    ...(least > most ? [fault([...path, 'min_values'], 'SELECT_COMPONENT_MIN_ABOVE_MAX', 'Exceeds max_values')] : []),
    ...(isChosenFromList && (most > options.length || least > options.length)
      ? [fault([...path, 'max_values'], 'BASE_TYPE_BAD_LENGTH', `Must be between 0 and ${options.length} in length.`)]
      : []),
    ...values.flatMap((value, index) =>
      values.indexOf(value) === index
        ? []
        : [
            fault(
              [...path, 'options', index, 'value'],
              'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED',
              'The specified option value is already used',
            ),
          ],
    ),
    ...(options.filter((option) => option.default === true).length > most
      ? [fault([...path, 'options'], 'SELECT_COMPONENT_TOO_MANY_DEFAULTS', 'More defaults than max_values')]
      : []),
  ];
}

function mediaFaults(url: string | undefined, path: Path, attachments: readonly string[]): readonly FormFault[] {
  if (url === undefined) return [];
  const named = /^attachment:\/\/(.+)$/.exec(url)?.[1];
  if (named !== undefined) {
    return attachments.includes(named)
      ? []
      : [
          fault(
            [...path, 'url'],
            'UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
            `The referenced attachment ${named} was not found`,
          ),
        ];
  }
  if (/^https?:/i.test(url)) return [];
  return [fault([...path, 'url'], 'URL_TYPE_INVALID_SCHEME', 'Scheme must be one of (http, https, attachment).')];
}

function repeated(
  all: readonly PlacedComponent[],
  keyOf: (component: Component) => string | number | null,
  field: string,
  code: string,
  words: string,
): readonly FormFault[] {
  const seen = new Set<string | number>();
  return all.flatMap(({ component, path }) => {
    const key = keyOf(component);
    if (key === null) return [];
    if (seen.has(key)) return [fault([...path, field], code, `Component ${words} cannot be duplicated`)];
    seen.add(key);
    return [];
  });
}

function fault(path: Path, code: string, message: string): FormFault {
  return { path, code, message };
}
