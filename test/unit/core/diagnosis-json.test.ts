import { expect, test } from 'vitest';
import { diagnosisJson, exitCodeOf, printableJson } from '../../../src/core/diagnosis-json.ts';
import { actions } from '../../../src/core/actions/index.ts';
import { opinionsOn } from '../../../src/core/action-opinion.ts';
import type { Diagnosis } from '../../../src/core/diagnosis.ts';
import { known } from '../../../src/core/reading.ts';
import { aDiagnosis, anOrderEntry, aPersonEntry, aSessionEntry, LINKS } from '../../builders/diagnosis.ts';
import { aFailedOrder, aNode, anOrder, EMAIL, ORDER_ID, USER_ID } from '../../builders/merchant.ts';
import { aPlacement } from '../../builders/panel.ts';
import { aSession } from '../../builders/stripe.ts';
import { ago, HOUR, MOMENT } from '../../builders/time.ts';

function jsonOf(diagnosis: Diagnosis) {
  return diagnosisJson(
    diagnosis,
    LINKS,
    opinionsOn(diagnosis, { actions, grace: MOMENT.grace, executionMaxMs: 450_000 }),
  );
}

const disabled = aNode({ enabled: false });
const broken = anOrderEntry(aFailedOrder(), {
  placement: aPlacement({
    candidates: [],
    nodes: [disabled],
    decision: { kind: 'no-enabled-node', nodesInRegion: 1 },
  }),
});

test('gives the contract field by field for a broken order', () => {
  const json = jsonOf(aDiagnosis([broken]));
  expect(Object.keys(json)).toEqual(['subject', 'state', 'verdict', 'orders', 'sources', 'durationMs']);
  expect(json.subject).toEqual({ query: EMAIL, kind: 'email', userId: USER_ID });
  expect(json.state).toBe('broken');
  expect(json.verdict).toMatchObject({
    code: 'CAP-001',
    stage: 'capacity',
    confidence: 'confirmed',
    orderId: ORDER_ID,
  });
  const [order] = json.orders;
  expect(Object.keys(order ?? {})).toEqual([
    'id',
    'status',
    'planId',
    'serverName',
    'createdAt',
    'updatedAt',
    'pterodactylServerId',
    'pterodactylServerIdentifier',
    'state',
    'stages',
    'findings',
    'actions',
  ]);
  expect(order).toMatchObject({ id: ORDER_ID, status: 'error', updatedAt: ago(HOUR).toISOString() });
  const [finding] = order?.findings ?? [];
  expect(Object.keys(finding ?? {})).toEqual([
    'code',
    'stage',
    'role',
    'severity',
    'confidence',
    'summary',
    'evidence',
  ]);
  expect(Object.keys(finding?.evidence[0] ?? {})).toEqual(['source', 'at', 'text', 'link']);
  expect(finding?.summary).toBe(json.verdict?.summary);
});

test('tells of each action that could act on the entry whether it may be run now, and why not', () => {
  const [order] = jsonOf(aDiagnosis([broken])).orders;
  expect(order?.actions.map(({ id }) => id)).toEqual(
    actions.filter(({ on }) => on.includes('order')).map(({ id }) => id),
  );
  expect(order?.actions[0]).toEqual({
    id: 'retry-provisioning',
    allowed: false,
    reason: expect.stringContaining('CAP-001 still stands'),
  });
  const [lost] = jsonOf(aDiagnosis([aSessionEntry(aSession({ createdAt: ago(3 * HOUR) }))])).orders;
  expect(lost?.actions.find(({ id }) => id === 'redeliver-webhook')).toEqual({
    id: 'redeliver-webhook',
    allowed: true,
    reason: null,
  });
});

test('has no verdict when nothing is broken', () => {
  const json = jsonOf(aDiagnosis([anOrderEntry()]));
  expect([json.state, json.verdict]).toEqual(['healthy', null]);
});

test('speaks of a paid checkout without a row by its session', () => {
  const json = jsonOf(aDiagnosis([aSessionEntry(aSession({ createdAt: ago(3 * HOUR) }))]));
  expect(json.orders[0]).toMatchObject({ id: null, sessionId: 'cs_test_ann', status: null, updatedAt: null });
  expect(json.verdict?.orderId).toBeNull();
});

test('speaks of nobody with neither id nor session', () => {
  const json = jsonOf(aDiagnosis([aPersonEntry()], { person: known(null), userId: null }));
  expect(json.subject.userId).toBeNull();
  expect(json.orders[0]).toMatchObject({ id: null, sessionId: null, createdAt: null });
  expect(json.verdict?.orderId).toBeNull();
});

test('gives null, not a meaningless value, for a column the merchant lacks', () => {
  const order = anOrder({ serverName: '', planId: '', lacks: new Set(['serverName', 'plan', 'serverIdentifier']) });
  expect(jsonOf(aDiagnosis([anOrderEntry(order)])).orders[0]).toMatchObject({
    planId: null,
    serverName: null,
    pterodactylServerIdentifier: null,
  });
});

test('says in a sentence why a source failed', () => {
  const json = jsonOf(
    aDiagnosis([anOrderEntry()], {
      sources: [
        { source: 'stripe', status: 'failed', failure: { source: 'stripe', kind: 'credentials-rejected' }, ms: 80 },
        { source: 'logs', status: 'not_configured', failure: null, ms: null },
      ],
    }),
  );
  expect(json.sources).toEqual([
    { source: 'stripe', status: 'failed', failure: "Stripe refuses the bot's key.", ms: 80 },
    { source: 'logs', status: 'not_configured', failure: null, ms: null },
  ]);
});

test('prints nothing that a terminal would obey, and loses nothing', () => {
  const value = { name: '\u009b31m\u202eevil\u001b[2J\u2028\u{e0001}\n' };
  const printed = printableJson(value);
  expect(printed).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}]|[^\P{Cc}\n]/u);
  expect(JSON.parse(printed)).toEqual(value);
});

test.each([
  ['healthy', 0],
  ['in_progress', 0],
  ['broken', 1],
  ['unknown', 2],
] as const)('%s exits with %i', (state, code) => {
  expect(exitCodeOf(state)).toBe(code);
});
