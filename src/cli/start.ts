import { createWebAdapter, type SandboxControls, type WebAdapter } from '../adapters/web/index.ts';
import type { Config } from '../config.ts';
import { watchClaims } from '../core/act.ts';
import { systemClock } from '../core/clock.ts';
import type { HostedSandbox } from '../sandbox/run.ts';
import type { TroubleGroup } from '../sandbox/troubles/index.ts';
import { Ending, exits } from './ending.ts';
import { ownConfig, sandboxConfig } from './merchant.ts';
import { complain, print } from './output.ts';
import { openOwnStore } from './own-store.ts';
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
  const { hostSandbox, introduction } = await import('../sandbox/run.ts');
  print('Starting a small merchant world: a shop, its database, its payments and its panel …');
  const hosted = await hostSandbox(own.dataDir);
  if (hosted === null) {
    throw new Ending(
      exits.failed,
      'A sandbox already runs on this machine. Stop that one first (Ctrl-C where it was started).',
    );
  }
  try {
    const controls = await controlsOf(hosted);
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

async function controlsOf({ sandbox }: HostedSandbox): Promise<SandboxControls> {
  const [{ openShopWindow }, { createTroubles, TroubleRefused }] = await Promise.all([
    import('../sandbox/shop-window.ts'),
    import('../sandbox/troubles/index.ts'),
  ]);
  const shop = openShopWindow(sandbox);
  const troubles = createTroubles(sandbox);
  return {
    customers: sandbox.customers.map(({ email, story }) => ({ email, story })),
    plans: shop.plans.map(({ id, title, amountCents }) => ({
      id,
      label: `${title}, ${(amountCents / 100).toFixed(2)} €`,
    })),
    regions: shop.regions.map(({ id, title }) => ({ id, label: title })),
    acts: troubles.acts.map(({ id, title, what }) => ({ id, title, what, to: 'customer' as const })),
    async purchase({ serverName, ...wish }) {
      const bought = await shop.purchase({ ...wish, ...(serverName === null ? {} : { serverName }) });
      if (!bought.ok) return { refused: bought.failure };
      return { sessionId: bought.value.sessionId, orderId: null };
    },
    troubles: async () => (await troubles.list()).map((trouble) => ({ ...trouble, group: groupTitles[trouble.group] })),
    break: (id) => troubles.break(id),
    mend: (id) => troubles.mend(id),
    async act(id, email) {
      if (email === null) return { refused: 'Say to whom it happens.' };
      try {
        await troubles.happen(id, email);
      } catch (error) {
        if (error instanceof TroubleRefused) return { refused: error.message };
        throw error;
      }
      const title = troubles.acts.find((act) => act.id === id)?.title ?? id;
      return { words: `${title}: done. Now ask about ${email}.` };
    },
  };
}

/** Where a trouble lies, as the heading above its switch says it. */
const groupTitles: Readonly<Record<TroubleGroup, string>> = {
  stripe: 'Stripe',
  supabase: 'Supabase',
  panel: 'The panel',
  nodes: 'Nodes',
};

function reportBug(error: unknown): string {
  const reference = crypto.randomUUID().slice(0, 8);
  logBug(reference, error);
  return reference;
}

/** Where the program tells of its own mistakes; the words of outside systems never reach an error. */
function logBug(reference: string, error: unknown): void {
  complain(`${reference} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}
