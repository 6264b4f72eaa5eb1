import { readConfig } from '../../src/config.ts';
import { type Diagnosis, diagnose } from '../../src/core/diagnosis.ts';
import { parseQuery } from '../../src/core/query.ts';
import { assemble } from '../../src/main.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';

/** Where the embedded database keeps what makes its next start faster; outside the checkout's tracked files. */
export const cacheDir = 'node_modules/.cache/pterodoc';

/** A sandbox with a fresh doctor for every question, so that nothing is remembered from one to the next. */
export interface Clinic {
  readonly sandbox: Sandbox;
  /** Buys at a moment of the past, with the server installed at once where one was made. */
  buyAt(email: string, at: Date, input?: { readonly serverName?: string }): Promise<void>;
  /** Diagnoses as the program would with this environment on top of the sandbox's. */
  ask(who: string, environment?: Readonly<Record<string, string>>): Promise<Diagnosis>;
  close(): Promise<void>;
}

export async function openClinic(options: Parameters<typeof startSandbox>[0] = {}): Promise<Clinic> {
  const sandbox = await startSandbox({ cacheDir, ...options });
  // A test asks more in a minute than people do; the limits themselves are tested elsewhere.
  Object.assign(sandbox.supabase.allowances, { callsPerMinute: 100_000, logQueriesPerMinute: 100_000 });
  sandbox.panel.setRateLimit(100_000);
  return {
    sandbox,
    async buyAt(email, at, input = {}) {
      const before = new Set(sandbox.panel.state.servers.all().map(({ id }) => id));
      sandbox.clock.travelTo(at.getTime());
      await sandbox.purchase({ email, ...input });
      for (const { id } of sandbox.panel.state.servers.where((server) => !before.has(server.id))) {
        sandbox.panel.setServerStatus(id, null);
      }
      sandbox.clock.release();
    },
    async ask(who, environment = {}) {
      const query = parseQuery(who);
      if (!query.ok) throw new Error(query.failure);
      const config = readConfig({ ...sandbox.environment, PTERODOC_MODE: 'live', ...environment });
      if (!config.ok) throw new Error(config.failure.join('\n'));
      return diagnose(query.value, assemble(config.value).doctor);
    },
    close: () => sandbox.stop(),
  };
}
