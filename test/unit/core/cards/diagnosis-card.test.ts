import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandFor } from '../../../../src/adapters/terminal/index.ts';
import { opinionsOn } from '../../../../src/core/action-opinion.ts';
import { actions } from '../../../../src/core/actions/index.ts';
import { type Card, type Field, text } from '../../../../src/core/card.ts';
import { diagnosisCard } from '../../../../src/core/cards/diagnosis-card.ts';
import type { EntryDiagnosis } from '../../../../src/core/diagnose.ts';
import { known } from '../../../../src/core/reading.ts';
import { EXECUTION_MAX } from '../../../builders/actions.ts';
import { cards } from '../../../builders/cards.ts';
import { aDiagnosis, anOrderEntry, aPersonEntry, LINKS } from '../../../builders/diagnosis.ts';
import {
  aFailedOrder,
  aFunction,
  aNode,
  anOrder,
  aPerson,
  aWebhookRun,
  ORDER_ID,
  threw,
} from '../../../builders/merchant.ts';
import { aPanelServer, aPlacement } from '../../../builders/panel.ts';
import { notConfigured, outage } from '../../../builders/readings.ts';
import { ago, DAY, MOMENT } from '../../../builders/time.ts';

const full = { links: LINKS, emails: 'full' } as const;

function card(name: string): Card {
  const found = cards[name];
  if (found === undefined) throw new Error(`no card ${name}`);
  return found;
}

/** The fields under a heading, or those without one. */
function fieldsOf({ blocks }: Card, heading?: string): readonly Field[] {
  return blocks.flatMap((block) =>
    block.kind === 'fields' &&
    (heading === undefined ? block.heading === undefined : block.heading?.startsWith(heading))
      ? block.fields
      : [],
  );
}

const words = (value: Card): string => JSON.stringify(value);

test('begins with the verdict: code, title, and what is wrong', () => {
  expect(card('no-room')).toMatchObject({
    tone: 'bad',
    title: 'CAP-002 No node has room for this order',
    summary: 'The plan needs 8 GB; the emptiest open node in eu, node 1, has 4 GB.',
  });
});

test('says why, what to do, and what the customer may be told', () => {
  expect(fieldsOf(card('no-room')).map(({ label }) => label)).toEqual(
    expect.arrayContaining(['Why it matters', 'What to do', 'Tell the customer']),
  );
});

test('asks for no mending of what is mended, only for the retry', () => {
  const failed = aWebhookRun({ failed: threw('No available capacity for plan mc-8 in region eu') });
  const entry = anOrderEntry(aFailedOrder(), { executions: [failed] });
  expect(entry.verdict).toMatchObject({ code: 'CAP-002', standing: 'cleared' });
  const next = fieldsOf(diagnosisCard(aDiagnosis([entry]), full)).find(({ label }) => label === 'What to do');
  expect(next?.value).toEqual(text('What stopped it is gone by now: retry provisioning.'));
});

describe('what can be run', () => {
  const mended = anOrderEntry(aFailedOrder(), {
    executions: [aWebhookRun({ failed: threw('No available capacity for plan mc-8 in region eu') })],
  });
  const fullNode = aNode({ usedGb: 56 });
  const blocked = anOrderEntry(aFailedOrder(), {
    placement: aPlacement({
      candidates: [fullNode],
      nodes: [fullNode],
      decision: { kind: 'no-capacity', emptiest: fullNode, freeGb: 4 },
    }),
  });

  /** The paragraphs, which hold nothing else. */
  function offered(entry: EntryDiagnosis, options: { readonly details?: boolean } = {}): readonly string[] {
    const diagnosis = aDiagnosis([entry]);
    const opinions = opinionsOn(diagnosis, { actions, grace: MOMENT.grace, executionMaxMs: EXECUTION_MAX });
    const { blocks } = diagnosisCard(diagnosis, { ...full, ...options, actions: { opinions, commandFor } });
    return blocks.flatMap((block) => (block.kind === 'paragraph' ? [`${block.heading}: ${block.body}`] : []));
  }

  test('is the cure of what was found, as words to type', () => {
    expect(offered(mended)).toEqual([`Retry provisioning: pterodoc retry ${ORDER_ID}`]);
  });

  test('is told with the gist of the refusal where it would be refused', () => {
    const [line, ...others] = offered(blocked);
    expect(others).toEqual([]);
    expect(line).toMatch(/^Retry provisioning: not now: CAP-002 still stands: The plan needs 8 GB;[^.]*\.$/);
  });

  test('is every action in the details, with whole reasons', () => {
    expect(offered(blocked, { details: true })).toHaveLength(actions.filter(({ on }) => on.includes('order')).length);
    expect(offered(blocked, { details: true })[0]).toContain('then retry');
  });

  test('is not spoken of on a card that is given none, nor where everything is well', () => {
    expect(offered(anOrderEntry())).toEqual([]);
    expect(words(diagnosisCard(aDiagnosis([mended]), full))).not.toContain('pterodoc retry');
  });
});

test('shows all eight stages', () => {
  expect(card('healthy').path).toHaveLength(8);
});

test('marks the stage that a purchase under way is in', () => {
  const step = card('on-its-way').path?.find(({ state }) => state === 'current');
  expect(step?.stage).toBe('provisioning');
});

test('has no path for nobody', () => {
  expect(card('nobody').path).toBeUndefined();
});

test('keeps the open function for the details', () => {
  expect(words(card('no-room'))).not.toContain('PRV-008');
  expect(words(card('no-room-details'))).toContain('PRV-008');
});

test('calls notices alone worth knowing', () => {
  const open = diagnosisCard(aDiagnosis([anOrderEntry(anOrder(), { functions: [aFunction({ verifyJwt: false })] })]), {
    ...full,
    details: true,
  });
  expect(open.tone).toBe('good');
  expect(fieldsOf(open, 'Worth knowing').map(({ label }) => label)).toEqual(['PRV-008']);
});

test('names a silent source and what cannot be told without it', () => {
  const [panel] = fieldsOf(card('panel-silent'), 'Not checked');
  expect(panel?.label).toBe('Panel');
  expect(panel?.value).toMatch(/^The panel did not answer within 4\.0 s\. Cannot be told without it: .*SRV-001/);
  expect(card('panel-silent').tone).toBe('unsure');
});

test('names the codes that cannot be told without log access', () => {
  const [logs] = fieldsOf(card('no-logs'), 'Not checked');
  expect(logs?.value).toMatch(/is not configured\. Cannot be told without it: .*PRV-001, PRV-002/);
});

test('names a source that failed even where no question of this entry depended on it', () => {
  const diagnosis = aDiagnosis([anOrderEntry()], {
    sources: [{ source: 'stripe', status: 'failed', failure: { source: 'stripe', kind: 'unreachable' }, ms: 5 }],
  });
  expect(fieldsOf(diagnosisCard(diagnosis, full), 'Not checked')).toEqual([
    { label: 'Stripe', value: 'Stripe cannot be reached.' },
  ]);
});

test('does not bother a healthy purchase with a source that was never set up', () => {
  const entry = anOrderEntry(anOrder(), {
    functions: notConfigured('logs'),
    settings: notConfigured('logs'),
    executions: notConfigured('logs'),
  });
  const diagnosis = aDiagnosis([entry], {
    sources: [{ source: 'logs', status: 'not_configured', failure: null, ms: null }],
  });
  expect(fieldsOf(diagnosisCard(diagnosis, full), 'Not checked')).toEqual([]);
});

test('lists other purchases in one line each, and speaks of the one asked for', () => {
  const healthy = anOrderEntry(anOrder({ id: '99999999-2222-4333-8444-555555555555', createdAt: ago(40 * DAY) }));
  const diagnosis = aDiagnosis([anOrderEntry(aFailedOrder(), { executions: outage('logs') }), healthy]);
  const table = diagnosisCard(diagnosis, full).blocks.find(({ kind }) => kind === 'table');
  expect(table).toMatchObject({
    heading: '1 other purchase',
    rows: [
      ['2', ago(40 * DAY), /^99999999/, 'nothing wrong'].map((cell) =>
        cell instanceof RegExp ? expect.stringMatching(cell) : cell,
      ),
    ],
  });
  expect(words(diagnosisCard(diagnosis, { ...full, entry: 1 }))).toContain('Nothing is wrong');
});

test("shows and links nothing of a server that may be a stranger's", () => {
  const entry = anOrderEntry(anOrder(), { namedServer: aPanelServer({ ownerId: 99 }) });
  expect(entry.verdict?.code).toBe('SRV-006');
  const server = fieldsOf(diagnosisCard(aDiagnosis([entry]), full)).find(({ label }) => label === 'Server');
  expect(server).toEqual({ label: 'Server', value: "501, not provably this customer's" });
});

test('a purchase that has ended is a note, not a problem', () => {
  expect(diagnosisCard(aDiagnosis([anOrderEntry(anOrder({ status: 'canceled' }))]), full).tone).toBe('neutral');
});

test('says so when it could not be read whose it is', () => {
  const diagnosis = aDiagnosis([aPersonEntry({ person: outage('supabase') })], {
    person: { kind: 'unknown', failure: { source: 'supabase', kind: 'unreachable' } },
    userId: null,
  });
  const shown = diagnosisCard(diagnosis, full);
  expect(shown.tone).toBe('unsure');
  expect(words(shown)).toContain('whose it is could not be read');
});

test('shows no address in full where others read along, wherever it stood', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z][a-z0-9.+'_-]{3,30}$/), (name) => {
      const email = `${name}@example.com`;
      const order = anOrder({ serverName: `of ${email}`, status: email, region: `\u200b${email}` });
      const diagnosis = aDiagnosis([anOrderEntry(order), anOrderEntry(order)], {
        query: { kind: 'email', text: email, email },
        person: known(aPerson({ email })),
      });
      const shown = words(diagnosisCard(diagnosis, { links: LINKS, emails: 'masked', details: true }));
      expect(shown).not.toContain(email);
      expect(shown).toContain(`${name.slice(0, 1)}•••@example.com`);
    }),
    { numRuns: 50 },
  );
});
