import { blocksOf, controlsOf, valueIn } from './screen.ts';
import type { Json } from './shape.ts';
import type { View } from './state.ts';

/** The state of a submitted modal; the client itself insists on what is required and on lengths. */
export function submittedValues(view: View, fields: Readonly<Record<string, string>>): Json {
  const values: Record<string, Json> = {};
  const blocks = blocksOf(view.content);
  const wanted = new Set(Object.keys(fields));
  for (const block of blocks.filter(({ type }) => type === 'input')) {
    for (const control of controlsOf([block])) {
      const { actionId, blockId, type, element } = control;
      const given = fields[actionId] ?? fields[blockId] ?? String(element['initial_value'] ?? '');
      wanted.delete(actionId);
      wanted.delete(blockId);
      if (given === '' && block['optional'] !== true) throw new Error(`the field ${blockId} is required`);
      const [min, max] = [Number(element['min_length'] ?? 0), Number(element['max_length'] ?? 3000)];
      if (given !== '' && (given.length < min || given.length > max)) {
        throw new Error(`the field ${blockId} takes ${min} to ${max} characters`);
      }
      const isEmpty = given === '' && !type.endsWith('input');
      values[blockId] = { [actionId]: { type, ...(isEmpty ? {} : valueIn(control, given)) } };
    }
  }
  if (wanted.size > 0) throw new Error(`the modal has no field ${[...wanted].join(', ')}`);
  return values;
}
