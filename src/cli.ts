import { randomUUID } from 'node:crypto';
import { Command, CommanderError } from 'commander';
import { showProgress } from './adapters/terminal/index.ts';
import { Ending, exits } from './cli/ending.ts';
import { ownConfig, withMerchant } from './cli/merchant.ts';
import { complain, print, printCard } from './cli/output.ts';
import { doctorCard } from './core/cards/doctor-card.ts';
import { printableJson } from './core/diagnosis-json.ts';
import { examine } from './core/doctor.ts';

/** A Management API read may take 8 s, and they go one at a time. */
const doctorDeadlineMs = 15_000;

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
    const { status } = await import('./cli/status.ts');
    await status(who, options);
  });

program
  .command('retry')
  .description('give a paid order to the provisioning function again, and see what becomes of it')
  .argument('<order>', 'order id')
  .option('--yes', 'do it without being asked')
  .action(async (order: string, { yes }: { yes?: boolean }) => {
    const { act } = await import('./cli/act.ts');
    await act({ action: 'retry-provisioning', subject: order, isAgreed: yes === true, reason: null });
  });

program
  .command('act')
  .description('run any action: link-server, restore-status, redeliver-webhook and others')
  .argument('<action>', 'its name; a wrong one lists them')
  .argument('<order>', 'order id, or the id of a paid checkout (cs_…)')
  .option('--yes', 'do it without being asked')
  .option('--reason <words>', 'why, where the action asks for it')
  .action(async (action: string, subject: string, { yes, reason }: { yes?: boolean; reason?: string }) => {
    const { act } = await import('./cli/act.ts');
    await act({ action, subject, isAgreed: yes === true, reason: reason ?? null });
  });

program
  .command('audit')
  .description('who asked for what, and what became of it, newest first')
  .argument('[order]', 'of one order, checkout (cs_…) or webhook endpoint (we_…) only')
  .option('--limit <n>', 'at most so many entries', '20')
  .action(async (of: string | undefined, { limit }: { limit: string }) => {
    const { audit } = await import('./cli/audit.ts');
    await audit(of, limit);
  });

program
  .command('doctor')
  .description('try every configured credential and permission, without changing anything')
  .option('--json', 'print one JSON object instead')
  .action(async (options: { json?: boolean }) => {
    await withMerchant(async (config) => {
      const progress = showProgress('Trying every credential');
      const { assemble, assembleChatProbers } = await import('./main.ts');
      const probers = [...assemble(config).probers, ...(await assembleChatProbers(config))];
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
  .command('start')
  .description('serve what is configured; without credentials a merchant world with a page to try everything on')
  .action(async () => {
    const { start } = await import('./cli/start.ts');
    await start();
  });

program
  .command('manifest')
  .description('print what a chat platform needs to know to install the app')
  .argument('<platform>', 'slack')
  .option('--http <url>', 'for requests to this public address, instead of Socket Mode')
  .action(async (platform: string, { http }: { http?: string }) => {
    const { manifest } = await import('./cli/manifest.ts');
    manifest(platform, http ?? null);
  });

program
  .command('sandbox')
  .description('run the merchant world alone, for commands in a second terminal')
  .action(async () => {
    const { sandbox } = await import('./cli/sandbox.ts');
    await sandbox();
  });

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
