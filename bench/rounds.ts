import { openClinic } from '../test/support/clinic.ts';
import { median, print, time } from './measure.ts';

const latencyMs = 150;
const runs = 9;

/**
 * Rounds of a diagnosis: every upstream answers 150 ms late. The bare baseline, in the same run, is as many requests
 * one after the other through the same servers as the critical path has rounds.
 */
export async function benchRounds(): Promise<void> {
  const clinic = await openClinic({ customers: false });
  const { sandbox } = clinic;
  const hourAgo = new Date(Date.now() - 60 * 60_000);
  await clinic.buyAt('healthy@example.com', hourAgo);
  sandbox.supabase.functions.setFault('servers-provision', { kind: 'resource-limit' });
  await clinic.buyAt('failed@example.com', hourAgo);
  sandbox.supabase.functions.setFault('servers-provision', null);
  const boards = [sandbox.supabase, sandbox.supabase.management, sandbox.stripe, sandbox.panel];
  for (const { faults } of boards) faults.inject(/.*/, { kind: 'delay', ms: latencyMs });

  const withoutLogs = { SUPABASE_ACCESS_TOKEN: '', SUPABASE_PROJECT_REF: '' };
  const bare = (rounds: number) => async () => {
    for (let round = 0; round < rounds; round += 1) {
      const response = await fetch(`${sandbox.panel.url}/api/application/nodes`, {
        headers: { accept: 'application/json', authorization: `Bearer ${sandbox.panel.applicationKey}` },
      });
      await response.arrayBuffer();
    }
  };
  // Connections and code are warm in both before anything is counted.
  await clinic.ask('failed@example.com');
  await bare(1)();
  for (const [name, rounds, environment] of [
    ['without logs', 3, withoutLogs],
    ['with logs', 4, {}],
  ] as const) {
    for (const who of ['healthy@example.com', 'failed@example.com']) {
      const baseline = median(await time(runs, bare(rounds)));
      const figures = await time(runs, () => clinic.ask(who, environment));
      print(
        `rounds, ${name}, ${who}: median ${median(figures).toFixed(0)} ms; ` +
          `${rounds} bare requests in a row ${baseline.toFixed(0)} ms; ratio ${(median(figures) / baseline).toFixed(3)}`,
      );
    }
  }
  await clinic.close();
}
