import { setTimeout as sleep } from 'node:timers/promises';
import { createWebAdapter, type SandboxControls, type WebAdapter } from '../adapters/web/index.ts';
import type { Config } from '../config.ts';
import { watchClaims } from '../core/act.ts';
import { systemClock } from '../core/clock.ts';
import { type Chats, openChats } from './chats.ts';
import { Ending, exits } from './ending.ts';
import { createLog } from './log.ts';
import { ownConfig, sandboxConfig } from './merchant.ts';
import { print } from './output.ts';
import { makeOwnStore, openOwnStore } from './own-store.ts';
import { untilStopped } from './until-stopped.ts';

/** How often claims that nobody follows are looked after. */
const watchEveryMs = 5_000;
/** A write that is under way gets this long to be recorded; whoever comes next looks what became of it otherwise. */
const stopsWithinMs = 8_000;

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

/**
 * Opens the bot's memory, puts the desk together and serves it until `work` ends or a chat is lost for good; then stops
 * in the other order.
 */
async function serve(
  config: Config,
  sandbox: SandboxControls | null,
  work: (url: string) => Promise<void>,
): Promise<void> {
  const log = createLog(config.logLevel);
  const store = await openOwnStore(config);
  const stopping = new AbortController();
  let chats: Chats | null = null;
  let web: WebAdapter | null = null;
  let idle: () => Promise<unknown> = async () => undefined;
  try {
    const { assembleDesk } = await import('../main.ts');
    const { desk, engine } = assembleDesk(config, store, log.bug, stopping.signal);
    const watch = watchClaims(engine, watchEveryMs, stopping.signal, log.bug);
    idle = () => Promise.all([desk.idle(), watch]);
    chats = await openChats(config, desk, log);
    web = createWebAdapter(
      { ...config.http, sandbox },
      { desk, clock: systemClock, mounted: chats.mounted, isReady: chats.areConnected, reportBug: log.bug },
    );
    const { url } = await listening(web, config);
    chats.start();
    await Promise.race([work(url), chats.lost]);
  } finally {
    stopping.abort();
    await chats?.stop();
    await web?.stop();
    await Promise.race([idle(), sleep(stopsWithinMs, undefined, { ref: false })]);
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
