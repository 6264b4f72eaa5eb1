import { componentFaults } from './component-rules.ts';
import { type Component, componentType, everyComponent } from './message-body.ts';
import type { FormFault } from './refusal.ts';

/** A modal as a person's client opens it. */
export interface ModalBody {
  readonly custom_id: string;
  readonly title: string;
  readonly components: readonly Component[];
}

// https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-modal
const TOP_LEVEL_MAX = 5;

/** What Discord refuses in a modal beyond its published schema. */
export function modalFaults({ components }: ModalBody): readonly FormFault[] {
  const inputs = everyComponent(components).filter(({ component }) => component.type === componentType.textInput);
  return [
    ...(components.length > TOP_LEVEL_MAX
      ? [
          {
            path: ['components'],
            code: 'BASE_TYPE_BAD_LENGTH',
            message: `Must be between 1 and ${TOP_LEVEL_MAX} in length.`,
          },
        ]
      : []),
    ...componentFaults(components, []),
    ...inputs.flatMap(({ component, path }) => inputFaults(component, path)),
    ...components.flatMap((row, index) => rowFaults(row, index)),
  ];
}

// https://docs.discord.com/developers/components/reference#text-input
function inputFaults(input: Component, path: FormFault['path']): readonly FormFault[] {
  const least = input.min_length ?? 0;
  const most = input.max_length ?? 4000;
  const isLabelled = path.at(-1) === 'component';
  const prefilled = input.value ?? '';
  return [
    ...(least > most
      ? [{ path: [...path, 'min_length'], code: 'TEXT_INPUT_MIN_ABOVE_MAX', message: 'Exceeds max_length' }]
      : []),
    ...(prefilled !== '' && (prefilled.length > most || prefilled.length < least)
      ? [
          {
            path: [...path, 'value'],
            code: 'BASE_TYPE_BAD_LENGTH',
            message: `Must be between ${least} and ${most} in length.`,
          },
        ]
      : []),
    ...(isLabelled && (input.label ?? null) !== null
      ? [{ path: [...path, 'label'], code: 'TEXT_INPUT_LABEL_NOT_ALLOWED', message: 'Its Label says it' }]
      : []),
    ...(!isLabelled && (input.label ?? null) === null
      ? [{ path: [...path, 'label'], code: 'BASE_TYPE_REQUIRED', message: 'This field is required' }]
      : []),
  ];
}

function rowFaults(row: Component, index: number): readonly FormFault[] {
  if (row.type !== componentType.actionRow || (row.components ?? []).length <= 1) return [];
  return [
    {
      path: ['components', index, 'components'],
      code: 'COMPONENT_LAYOUT_WIDTH_EXCEEDED',
      message: 'The specified component exceeds the maximum width',
    },
  ];
}
