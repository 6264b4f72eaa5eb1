import { createWebAdapter, type SandboxControls, type WebAdapter } from '../adapters/web/index.ts';
import type { Config } from '../config.ts';
import { watchClaims } from '../core/act.ts';
import { systemClock } from '../core/clock.ts';
import { Ending, exits } from './ending.ts';
import { ownConfig, sandboxConfig } from './merchant.ts';
import { complain, print } from './output.ts';
import { makeOwnStore, openOwnStore } from './own-store.ts';
import { untilStopped } from './until-stopped.ts';

/** How often claims that nobody follows are looked after. */
const watchEveryMs = 5_000;

/** `pterodoc start`: serves what is configured, or the sandbox with its page where nothing is. */
export async function start(): Promise<void> {
  const own = ownConfig();
  const stopped = untilStopped();
  if (own.mode === 'live') {
    await serve(own, null, async (url) => {
      print(`pterodoc runs; its health is at ${url}/healthz. Ctrl-C ends it.`);
      await stopped;
    });
    return;
  }
  const [{ hostSandbox, introduction }, { openControls }] = await Promise.all([
    import('../sandbox/run.ts'),
    import('./sandbox-controls.ts'),
  ]);
  print('Starting a small merchant world: a shop, its database, its payments and its panel …');
  const hosted = await hostSandbox(own.dataDir, makeOwnStore);
  if (hosted === null) {
    throw new Ending(
      exits.failed,
      'A sandbox already runs on this machine. Stop that one first (Ctrl-C where it was started).',
    );
  }
  try {
    const controls = openControls(hosted.sandbox);
    await serve(sandboxConfig(hosted.environment), controls, async (url) => {
      await hosted.announce(url);
      print(`\nIt runs. Open ${url} in a browser: ask, break something, watch it being repaired.\n`);
      print(introduction(hosted.sandbox.customers));
      await stopped;
    });
  } finally {
    await hosted.stop();
  }
}

/** Opens the bot's memory, puts the desk together and serves it until `work` ends; then stops in the other order. */
async function serve(
  config: Config,
  sandbox: SandboxControls | null,
  work: (url: string) => Promise<void>,
): Promise<void> {
  const store = await openOwnStore(config);
  const watching = new AbortController();
  let web: WebAdapter | null = null;
  let watch: Promise<void> = Promise.resolve();
  try {
    const { assembleDesk } = await import('../main.ts');
    const { desk, engine } = assembleDesk(config, store, reportBug);
    watch = watchClaims(engine, watchEveryMs, watching.signal, reportBug);
    web = createWebAdapter(
      { ...config.http, sandbox },
      { desk, clock: systemClock, log: ({ reference, error }) => logBug(reference, error) },
    );
    const { url } = await listening(web, config);
    await work(url);
  } finally {
    watching.abort();
    await web?.stop();
    await watch;
    await store.close();
  }
}

async function listening(web: WebAdapter, { http }: Config): Promise<{ readonly url: string }> {
  try {
    return await web.start();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'EADDRINUSE') {
      throw new Ending(
        exits.failed,
        `Port ${http.port} is taken by another program. Choose another one: PORT=8788 npm start`,
      );
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
      throw new Ending(exits.failed, `${http.host}:${http.port} cannot be listened on here. Set HOST and PORT.`);
    }
    throw error;
  }
}

function reportBug(error: unknown): string {
  const reference = crypto.randomUUID().slice(0, 8);
  logBug(reference, error);
  return reference;
}

/** Where the program tells of its own mistakes; the words of outside systems never reach an error. */
function logBug(reference: string, error: unknown): void {
  complain(`${reference} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}
