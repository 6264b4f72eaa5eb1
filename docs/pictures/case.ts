import { openControls } from '../../src/cli/sandbox-controls.ts';
import { readConfig } from '../../src/config.ts';
import type { Actor } from '../../src/core/actor.ts';
import type { Button, Card } from '../../src/core/card.ts';
import { assembleDesk } from '../../src/main.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import { createMemoryStore } from '../../test/support/memory-store.ts';

/** One message of a support case, as it was at three moments. */
export interface SupportCase {
  readonly who: string;
  readonly asked: Card;
  readonly underWay: Card;
  readonly outcome: Card;
}

const who = 'jane@example.com';
const purchasedAgoMs = 12 * 60_000;

/** Plays a case in the sandbox: a purchase found no node with room, there is room again, and somebody presses Retry. */
export async function playSupportCase(actor: Actor): Promise<SupportCase> {
  const sandbox = await startSandbox();
  try {
    const config = readConfig({ ...sandbox.environment, PTERODOC_MODE: 'live' });
    if (!config.ok) throw new Error(config.failure.join('\n'));
    const { desk } = assembleDesk(config.value, createMemoryStore(), (error) => {
      throw error;
    });
    const shop = openControls(sandbox);
    await shop.break('nodes-full');
    sandbox.clock.travelTo(Date.now() - purchasedAgoMs);
    await sandbox.purchase({ email: who, serverName: 'Skyblock with friends' });
    sandbox.clock.release();
    await shop.mend('nodes-full');
    const { card: asked } = await desk.run({ command: 'server-status', input: { who }, actor, place: 'staff' });
    const steps: Card[] = [];
    const offerId = offerOf(asked.buttons ?? [], 'Retry provisioning');
    const answer = await desk.press({ offerId, actor, place: 'staff', form: null }, (card) => steps.push(card));
    const underWay = steps.find(({ blocks }) => blocks.some((block) => block.kind === 'progress' && block.done === 1));
    if (answer.kind !== 'card' || underWay === undefined) throw new Error('the case went another way');
    return { who, asked, underWay, outcome: answer.card };
  } finally {
    await sandbox.stop();
  }
}

function offerOf(buttons: readonly Button[], label: string): string {
  const button = buttons.find((one) => one.label === label);
  if (button?.kind !== 'press') throw new Error(`there is no button ${label}`);
  return button.id;
}
