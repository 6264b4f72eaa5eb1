import * as spec from 'discord-api-spec/zod';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { controlOf } from '../../../../src/adapters/discord/controls.ts';
import { questionMessage, reasonModal } from '../../../../src/adapters/discord/render-form.ts';
import type { Form } from '../../../../src/core/desk.ts';
import { hostile } from '../../../builders/any-card.ts';
import { everyComponent, type MessageBody } from '../../../platforms/discord/message-body.ts';
import { refuseMessage } from '../../../platforms/discord/message-rules.ts';
import { type ModalBody, modalFaults } from '../../../platforms/discord/modal-rules.ts';
import { schemaFaults } from '../../../platforms/discord/schema.ts';
import { readDiscordMarkdown } from '../../../support/discord-markdown.ts';

const anyForm: fc.Arbitrary<Form> = fc.record({
  title: hostile,
  body: fc.array(hostile, { maxLength: 12 }),
  reason: fc.option(fc.record({ label: hostile, maxLength: fc.integer({ min: 1, max: 10_000 }) })),
  confirmLabel: hostile,
  isDangerous: fc.boolean(),
});

const about = { offerId: 'b6e5f1c0-0000-4000-8000-000000000001', cardId: '1234567890123456789' };

test('Discord takes any question, in which nothing is live, and any dialogue that follows', () => {
  fc.assert(
    fc.property(anyForm, (form) => {
      const body = JSON.parse(JSON.stringify(questionMessage(form, about))) as MessageBody;
      expect(schemaFaults(spec.MessageCreateRequestSchema, body)).toEqual([]);
      refuseMessage(body, []);
      const all = everyComponent(body.components ?? []).map(({ component }) => component);
      for (const { content = '' } of all) {
        expect(readDiscordMarkdown(content)).toMatchObject({ mentions: [], links: [], times: [] });
      }
      const [confirm] = all.flatMap(({ custom_id }) => custom_id ?? []);
      const control = controlOf(confirm ?? '');
      if (control?.kind !== 'reason') return;
      const modal = JSON.parse(JSON.stringify(reasonModal(control, form.confirmLabel))) as ModalBody;
      const callback = { type: 9, data: modal };
      expect(schemaFaults(spec.ModalInteractionCallbackRequestSchema, callback)).toEqual([]);
      expect(modalFaults(modal)).toEqual([]);
      expect(controlOf(modal.custom_id)).toEqual({ kind: 'confirm', ...about });
    }),
    { numRuns: 200 },
  );
});
