import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Control, controlOf, customIdOf } from '../../../../src/adapters/discord/controls.ts';

const offerId = fc.uuid();
const cardId = fc.option(fc.bigInt({ min: 1n, max: 2n ** 63n }).map(String));
const control: fc.Arbitrary<Control> = fc.oneof(
  fc.record({ kind: fc.constant('press' as const), asks: fc.boolean(), offerId }),
  fc.record({ kind: fc.constant('choose' as const) }),
  fc.record({ kind: fc.constant('confirm' as const), cardId, offerId }),
  fc.record({
    kind: fc.constant('reason' as const),
    cardId,
    offerId,
    label: fc.string({ maxLength: 20 }),
    maxLength: fc.integer({ min: 1, max: 4000 }),
  }),
  fc.record({ kind: fc.constant('cancel' as const) }),
);

test('what a control does comes back out of its id', () => {
  fc.assert(
    fc.property(control, fc.nat(), (written, at) => {
      const customId = customIdOf(written, at);
      expect(customId?.length).toBeLessThanOrEqual(100);
      expect(controlOf(customId ?? '')).toEqual(written);
    }),
  );
});

test.each(['', 'press', 'press:0:', 'retry|42', 'confirm:x:1', 'reason:here:x:1:y', 'choose:', 'nowhere:3'])(
  'the id "%s" leads nowhere',
  (customId) => {
    expect(controlOf(customId)).toBeNull();
  },
);

test('an id that Discord would not take is none', () => {
  expect(customIdOf({ kind: 'press', asks: false, offerId: 'x'.repeat(100) }, 0)).toBeNull();
  expect(customIdOf({ kind: 'press', asks: false, offerId: '\ud800' }, 0)).toBeNull();
});
