import { createWebAdapter } from '../../src/adapters/web/index.ts';
import { openControls } from '../../src/cli/sandbox-controls.ts';
import { sandboxConfig } from '../../src/cli/merchant.ts';
import { systemClock } from '../../src/core/clock.ts';
import { assembleDesk } from '../../src/main.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { type Clinic, openClinic } from './clinic.ts';
import { createMemoryStore } from './memory-store.ts';

/** The page over a whole sandbox, in this process: what it logs can be read, and its limits do not stop a hasty test. */
export interface OpenShop {
  readonly url: string;
  readonly sandbox: Sandbox;
  readonly bugs: readonly unknown[];
  mendAll(): Promise<void>;
  close(): Promise<void>;
}

export async function openShop(): Promise<OpenShop> {
  const clinic: Clinic = await openClinic();
  const { sandbox } = clinic;
  const bugs: unknown[] = [];
  const controls = openControls(sandbox);
  const report = (error: unknown): string => {
    bugs.push(error);
    return 'bug';
  };
  const { desk } = assembleDesk(sandboxConfig(sandbox.environment), createMemoryStore(), report);
  const web = createWebAdapter(
    { host: '127.0.0.1', port: 0, publicUrl: null, sandbox: controls },
    { desk, clock: systemClock, reportBug: report },
  );
  const { url } = await web.start();
  return {
    url,
    sandbox,
    bugs,
    async mendAll() {
      for (const { id, isBroken } of await controls.troubles()) if (isBroken) await controls.mend(id);
    },
    async close() {
      await web.stop();
      await clinic.close();
    },
  };
}
