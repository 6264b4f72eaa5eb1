import { ownConfig } from './merchant.ts';
import { print } from './output.ts';
import { untilStopped } from './until-stopped.ts';

/** `pterodoc sandbox`: the merchant world alone, for the commands of a second terminal. */
export async function sandbox(): Promise<void> {
  const { hostSandbox, introduction } = await import('../sandbox/run.ts');
  print('Starting a small merchant world: a shop, its database, its payments and its panel …');
  const hosted = await hostSandbox(ownConfig().dataDir);
  if (hosted === null) {
    print('A sandbox already runs on this machine. Try: npm run pterodoc -- status ann@example.com');
    return;
  }
  await hosted.announce(null);
  const stopped = untilStopped();
  print(`\nIt runs. ${introduction(hosted.sandbox.customers)}`);
  await stopped;
  await hosted.stop();
}
