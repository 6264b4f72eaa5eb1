import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import type { Desk } from '../../src/core/desk.ts';
import { assembleDesk } from '../../src/main.ts';
import { type Clinic, openClinic } from '../support/clinic.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { openWorkspace, type RunningSlack, runSlack, type SlackWorkspace } from '../support/slack-surface.ts';

let clinic: Clinic;
let workspace: SlackWorkspace;
let running: RunningSlack;
/** What is remembered outlives every program of these tests. */
const store = createMemoryStore();
const log: string[] = [];

function aDesk(): Desk {
  const config = readConfig({ ...clinic.sandbox.environment, PTERODOC_MODE: 'live', DIAGNOSIS_DEADLINE_MS: '2500' });
  if (!config.ok) throw new Error(config.failure.join('\n'));
  return assembleDesk(config.value, store, (error) => {
    log.push(`bug: ${String(error)}`);
    return 'ref-1';
  }).desk;
}

function run(): Promise<RunningSlack> {
  return runSlack(workspace, { desk: aDesk(), note: (line) => log.push(line) });
}

beforeAll(async () => {
  clinic = await openClinic();
  workspace = await openWorkspace('socket', aDesk());
  running = await run();
});
afterAll(async () => {
  await running.stop();
  await workspace.slack.stop();
  await clinic.close();
  expect(log.filter((line) => line.startsWith('bug'))).toEqual([]);
  expect(workspace.slack.complaints).toEqual([]);
  expect(workspace.slack.liveByApp()).toMatchObject({ mentions: [], unescaped: [] });
});

/** A purchase that failed because no node was open, which they are again. */
async function aFailedPurchase(name: string): Promise<string> {
  const { sandbox } = clinic;
  await sandbox.supabase.sql('update public.ptero_nodes set enabled = false');
  const email = `${name.toLowerCase()}@example.net`;
  await sandbox.purchase({ email, serverName: name });
  await sandbox.supabase.sql('update public.ptero_nodes set enabled = true');
  return email;
}

function serversNamed(name: string): number {
  return clinic.sandbox.panel.state.servers.where((server) => server.name === name).length;
}

describe('a support case in Slack', () => {
  test('is found and repaired in the channel, and everybody sees it', async () => {
    const { people, channels } = workspace;
    const email = await aFailedPurchase('Birch');
    expect(await people.sam.slash('/server-status', email, channels.support)).toMatchObject({ failure: null });
    const card = await people.olga.sees(/b•••@example\.net[^]*Retry provisioning/, channels.support, 10_000);
    await people.sam.press(card, 'Retry provisioning');
    await people.sid.sees('Retry provisioning is under way', channels.support, 10_000);
    const done = await people.sid.sees(/Applied:[^]*sam \(support\), attempt 1/, channels.support, 15_000);
    expect(done.ts).toBe(card.ts);
    expect(done.isEphemeral).toBe(false);
    expect(serversNamed('Birch')).toBe(1);
    const everything = people.olga
      .visibleMessages(channels.support)
      .flatMap(({ revisions, reads }) => [reads, ...revisions.map((revision) => JSON.stringify(revision))]);
    expect(everything.join()).not.toContain(email);
  });

  test('is repaired once when two press at the same moment', async () => {
    const { people, channels } = workspace;
    await people.sam.slash('/server-status', await aFailedPurchase('Cedar'), channels.support);
    const card = await people.olga.sees(/c•••@example\.net[^]*Retry provisioning/, channels.support, 10_000);
    await Promise.all([people.sam.press(card, 'Retry provisioning'), people.olga.press(card, 'Retry provisioning')]);
    await people.sid.sees(({ ts, reads }) => ts === card.ts && /Applied:/.test(reads), channels.support, 15_000);
    expect(serversNamed('Cedar')).toBe(1);
  });

  test.each(['casey', 'guest'] as const)('stays closed to %s, who changes nothing', async (who) => {
    const { people, channels } = workspace;
    const name = `Elder ${who}`;
    const email = `${who}-elder@example.net`;
    const { sandbox } = clinic;
    await sandbox.supabase.sql('update public.ptero_nodes set enabled = false');
    await sandbox.purchase({ email, serverName: name });
    await sandbox.supabase.sql('update public.ptero_nodes set enabled = true');
    const room = who === 'guest' ? channels.visited : channels.lounge;
    await people[who].slash('/server-status', email, room);
    const refusal = await people[who].sees('You may not use /server-status', room);
    expect(refusal.isEphemeral).toBe(true);
    if (who === 'guest') return;
    await people.sam.slash('/server-status', email, channels.support);
    const card = await people.casey.sees(/•••@example\.net[^]*Retry provisioning/, channels.support, 10_000);
    await people.casey.press(card, 'Retry provisioning');
    await people.casey.sees('You may not press this', channels.support);
    expect(serversNamed(name)).toBe(0);
  });

  test('asks an operator twice before a server is installed anew', async () => {
    const { people, channels } = workspace;
    const { sandbox } = clinic;
    const { orderId } = await sandbox.purchase({ email: 'hazel@example.net', serverName: 'Hazel' });
    const server = sandbox.panel.state.servers.where(({ name }) => name === 'Hazel')[0];
    if (server === undefined || orderId === null) throw new Error('nothing was bought');
    sandbox.panel.installs.cancel(server);
    sandbox.panel.setServerStatus(server.id, 'install_failed');
    await people.olga.slash('/server-status', orderId, channels.lounge);
    const card = await people.olga.sees('Reinstall server', channels.lounge, 10_000);
    await people.olga.press(card, 'Reinstall server');
    await people.olga.seesModal('This cannot be undone.', 10_000);
    expect(sandbox.panel.state.servers.get(server.id)?.status).toBe('install_failed');
    await people.olga.submitView();
    await people.olga.sees('Applied:', channels.lounge, 15_000);
  });

  test('goes on after the program was ended in the middle of an action', async () => {
    const { people, channels } = workspace;
    const { sandbox } = clinic;
    const email = await aFailedPurchase('Juniper');
    await people.sam.slash('/server-status', email, channels.support);
    const card = await people.sam.sees(/j•••@example\.net[^]*Retry provisioning/, channels.support, 10_000);
    sandbox.supabase.functions.setFault('servers-provision', { kind: 'slow', ms: 1500 });
    try {
      await people.sam.press(card, 'Retry provisioning');
      await people.olga.sees('Retry provisioning is under way', channels.support, 10_000);
      // Nothing can be killed in here: what was begun goes on beside the new program, as in another replica.
      const stopping = running.stop();
      running = await run();
      const outcome = await people.olga.slash('/server-status', email, channels.support);
      expect(outcome.failure).toBeNull();
      await people.olga.sees(({ reads, ts }) => ts > card.ts && reads.includes('j•••@'), channels.support, 10_000);
      await people.olga.press(card, 'Retry provisioning');
      await people.sid.sees(({ ts, reads }) => ts === card.ts && reads.includes('Applied:'), channels.support, 15_000);
      await stopping;
    } finally {
      sandbox.supabase.functions.setFault('servers-provision', null);
    }
    expect(serversNamed('Juniper')).toBe(1);
  });

  test('gives an honest answer in time while everything outside hangs', async () => {
    const { people, channels } = workspace;
    const { sandbox } = clinic;
    const email = sandbox.customers[0]?.email ?? '';
    const ends = [sandbox.supabase, sandbox.stripe, sandbox.panel].map(({ faults }) =>
      faults.inject(/./, { kind: 'hang' }),
    );
    try {
      const outcome = await people.sid.slash('/server-status', email, channels.lounge);
      expect(outcome.ackMs).toBeLessThan(1000);
      await people.sid.sees('Looking at the payment', channels.lounge, 1000);
      await people.sid.sees('Not known', channels.lounge, 9000);
    } finally {
      for (const end of ends) end();
    }
  });
});
