import { describe, expect, test } from 'vitest';
import { createPanelAccount } from '../../../../src/core/actions/create-panel-account.ts';
import { enableEndpoint } from '../../../../src/core/actions/enable-endpoint.ts';
import { linkServer } from '../../../../src/core/actions/link-server.ts';
import { stillLanding } from '../../../../src/core/actions/refusals.ts';
import { restoreStatus } from '../../../../src/core/actions/restore-status.ts';
import type { ClaimRecord } from '../../../../src/core/claim.ts';
import { answers, aStep, aWatch, NEVER, ports } from '../../../builders/actions.ts';
import { anOrder, aPerson, ORDER_ID, USER_ID } from '../../../builders/merchant.ts';
import { aPanelServer } from '../../../builders/panel.ts';
import { ago, NOW } from '../../../builders/time.ts';

const lost = aStep('write', { kind: 'unclear', words: 'No answer.' }, { begunAt: ago(19_999) });

describe('a write whose answer was lost', () => {
  test('may still land for twenty seconds', () => {
    expect(stillLanding(aWatch([lost]))).toMatchObject({ kind: 'undecided', as: 'unknown' });
    expect(stillLanding(aWatch([lost], { now: new Date(NOW.getTime() + 1) }))).toBeNull();
  });

  test('may still land, too, when the process died with it', () => {
    const words = stillLanding(aWatch([aStep('write', null, { begunAt: ago(1000) })]))?.words;
    expect(words).toBe('The write was cut off. Watching until 12:00:19 UTC.');
  });

  test.each(['done', 'refused', 'failed'] as const)('is none when its end is known: %s', (end) => {
    expect(stillLanding(aWatch([aStep('write', end, { begunAt: ago(1000) })]))).toBeNull();
  });

  test('is none when nothing was written', () => {
    expect(stillLanding(aWatch())).toBeNull();
  });
});

const seen = { status: 'error', updatedAt: NOW };
const steps: ClaimRecord['steps'] = [lost];
const order = { byId: answers(anOrder({ status: 'error', serverId: null })) };
const cases = [
  {
    action: linkServer,
    target: { orderId: ORDER_ID, seen, serverId: 501, identifier: 'aaaa1111', ownerId: 7, nodeId: null },
    known: { orders: order, orderWriter: {}, panel: {} },
  },
  {
    action: restoreStatus,
    target: { orderId: ORDER_ID, seen, serverId: 501 },
    known: { orders: order, orderWriter: {}, panel: { server: answers(aPanelServer()) } },
  },
  {
    action: enableEndpoint,
    target: { endpointId: 'we_1', seenStatus: 'disabled' },
    known: { payments: { endpoints: answers([]) }, endpoints: {} },
  },
  {
    action: createPanelAccount,
    target: { userId: USER_ID, seenPanelUserId: null, existingPanelUserId: null },
    known: {
      people: { byId: answers(aPerson()), externalAccountOf: answers(null) },
      accounts: {},
      panel: { userByEmail: answers(null) },
      panelWriter: {},
    },
  },
] as const;

test.each(cases.map((one) => [one.action.id, one] as const))(
  '%s is not said to have failed while its write may still land',
  async (_id, { action, target, known }) => {
    const early = await action.verify(ports(known), target, aWatch(steps), NEVER);
    expect(early).toMatchObject({ kind: 'undecided', as: 'unknown' });
    const late = { now: new Date(NOW.getTime() + 60_000) };
    expect(await action.verify(ports(known), target, aWatch(steps, late), NEVER)).toMatchObject({
      kind: 'not-applied',
    });
  },
);
