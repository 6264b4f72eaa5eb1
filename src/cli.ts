import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { renderCard, showProgress } from './adapters/terminal/index.ts';
import { type Config, readConfig } from './config.ts';
import { diagnosisCard } from './core/cards/diagnosis-card.ts';
import { doctorCard } from './core/cards/doctor-card.ts';
import { diagnose } from './core/diagnosis.ts';
import { diagnosisJson, exitCodeOf, printableJson } from './core/diagnosis-json.ts';
import { examine } from './core/doctor.ts';
import { parseQuery } from './core/query.ts';

/** Exit codes beside those of a diagnosis; 64, 70 and 78 as in sysexits.h. */
const exits = { fine: 0, failed: 1, usage: 64, internal: 70, configuration: 78 } as const;

/** A Management API read may take 8 s, and they go one at a time. */
const doctorDeadlineMs = 15_000;

/** Ends the command with a sentence for the person at the terminal. */
class Ending extends Error {
  readonly exitCode: number;
  constructor(exitCode: number, sentence: string) {
    super(sentence);
    this.exitCode = exitCode;
  }
}

const program = new Command()
  .name('pterodoc')
  .description('The doctor for game-server orders: says where a purchase broke, why, and what to do.')
  .exitOverride()
  .configureHelp({ helpWidth: 80 });

program
  .command('status')
  .description('diagnose one purchase')
  .argument('<who>', 'e-mail, order id, panel server id or Stripe id')
  .option('--json', 'print one JSON object instead')
  .option('--details', 'show every finding and notice')
  .action(async (who: string, options: { json?: boolean; details?: boolean }) => {
    const query = parseQuery(who);
    if (!query.ok) throw new Ending(exits.usage, query.failure);
    await withMerchant(async (config) => {
      const { doctor, links } = await assembled(config);
      const progress = showProgress('Reading Supabase, Stripe, the panel and the function logs');
      const diagnosis = await diagnose(query.value, doctor).finally(() => progress.end());
      if (options.json === true) print(printableJson(diagnosisJson(diagnosis, links)));
      else printCard(diagnosisCard(diagnosis, { links, emails: 'full', details: options.details ?? false }));
      return exitCodeOf(diagnosis.state);
    });
  });

program
  .command('doctor')
  .description('try every configured credential and permission, without changing anything')
  .option('--json', 'print one JSON object instead')
  .action(async (options: { json?: boolean }) => {
    await withMerchant(async (config) => {
      const progress = showProgress('Trying every credential');
      const { probers } = await assembled(config);
      const report = await examine(probers, doctorDeadlineMs).finally(() => progress.end());
      if (options.json === true) print(printableJson({ lines: report.lines }));
      else printCard(doctorCard(report, new Date()));
      return report.exitCode;
    });
  });

program
  .command('migrate')
  .description("install pterodoc's functions and indexes in the merchant's database (DATABASE_URL)")
  .action(async () => {
    const { databaseUrl } = ownConfig();
    const { applyMigrations, shippedMigrations } = await import('./adapters/supabase/index.ts');
    const files = await shippedMigrations();
    if (databaseUrl === null) {
      print(
        [
          'Set DATABASE_URL to the Postgres connection of your Supabase project and run this again,',
          'or paste these files into its SQL editor, in this order:',
          ...files.map(({ file }) => `  supabase/migrations/${file}`),
        ].join('\n'),
      );
      throw new Ending(exits.configuration, 'DATABASE_URL is not set: nothing was changed.');
    }
    const applied = await applyMigrations(databaseUrl, files);
    if (!applied.ok) throw new Ending(exits.failed, applied.failure);
    for (const { file, outcome } of applied.value) {
      const notes = outcome.kind === 'applied' ? outcome.notes : outcome.kind === 'failed' ? [outcome.reason] : [];
      print([`${outcome.kind.padEnd(8)} ${file}`, ...notes.map((note) => `         ${note}`)].join('\n'));
    }
    if (applied.value.some(({ outcome }) => outcome.kind !== 'applied')) process.exitCode = exits.failed;
  });

program
  .command('sandbox')
  .description('run a small merchant world on this machine, to try everything without keys')
  .action(async () => {
    const { runSandbox } = await import('./sandbox/run.ts');
    await runSandbox({ dataDir: ownConfig().dataDir, print });
  });

/** The clients of the outside systems take a while to load: only a command that asks them waits for that. */
async function assembled(config: Config) {
  const { assemble } = await import('./main.ts');
  return assemble(config);
}

/** Configuration as it stands, or an ending that lists every fault at once. */
function ownConfig(): Config {
  return configFrom(process.env);
}

function configFrom(environment: Readonly<Record<string, string | undefined>>): Config {
  const config = readConfig(environment);
  if (config.ok) return config.value;
  throw new Ending(
    exits.configuration,
    ['The configuration is not complete:', ...config.failure.map((fault) => `- ${fault}`)].join('\n'),
  );
}

/**
 * Runs a command against the configured merchant. Without credentials that is the sandbox that runs on this machine;
 * where none runs, the same world is started for this one answer.
 */
async function withMerchant(work: (config: Config) => Promise<number>): Promise<void> {
  // Set last: an embedded database that shuts down sets the exit code of the process itself.
  process.exitCode = await workOnMerchant(work);
}

async function workOnMerchant(work: (config: Config) => Promise<number>): Promise<number> {
  const own = ownConfig();
  if (own.mode === 'live') return work(own);
  const { findSandbox } = await import('./sandbox/rendezvous.ts');
  const running = await findSandbox(own.dataDir);
  if (running !== null) return work(configFrom(liveIn(running)));
  const progress = showProgress('No sandbox runs here: starting one for this answer');
  const { startSandbox } = await import('./sandbox/index.ts');
  const sandbox = await startSandbox({ cacheDir: join(own.dataDir, 'cache') }).finally(() => progress.end());
  try {
    return await work(configFrom(liveIn(sandbox.environment)));
  } finally {
    await sandbox.stop();
  }
}

/** The sandbox's own addresses over what the administrator set besides (graces, deadlines). */
function liveIn(environment: Readonly<Record<string, string>>): Readonly<Record<string, string | undefined>> {
  return { ...process.env, ...environment, PTERODOC_MODE: 'live' };
}

function printCard(card: Parameters<typeof renderCard>[0]): void {
  const colours = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  const width = process.stdout.isTTY ? Math.min(process.stdout.columns, 100) : 80;
  print(renderCard(card, { width, colours }));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof Ending) {
    complain(error.message);
    process.exitCode = error.exitCode;
  } else if (error instanceof CommanderError) {
    // It has said everything itself already; help and version end well.
    process.exitCode = error.exitCode === 0 ? exits.fine : exits.usage;
  } else {
    const reference = randomUUID().slice(0, 8);
    complain(`Something went wrong inside pterodoc (reference ${reference}). Run again with LOG_LEVEL=debug for more.`);
    if (process.env['LOG_LEVEL'] === 'debug')
      complain(`${reference} ${error instanceof Error ? error.stack : String(error)}`);
    process.exitCode = exits.internal;
  }
}
