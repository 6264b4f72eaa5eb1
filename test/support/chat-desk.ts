import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor } from '../../src/core/actor.ts';
import { type Button, type Card, text } from '../../src/core/card.ts';
import { actorWords, noteCard } from '../../src/core/cards/action-cards.ts';
import type { CommandCall, Desk, Press } from '../../src/core/desk.ts';
import { maskEmail } from '../../src/core/mask.ts';
import { can, type Permission } from '../../src/core/permission.ts';

/** A desk of a few fixed rules, for what a chat must do with its answers. */
export interface ChatDesk extends Desk {
  readonly calls: CommandCall[];
  readonly presses: Press[];
  /** Whatever is asked waits for this first. */
  slowBy(ms: number): void;
  /** How often something was really done, by offer. */
  readonly deeds: Map<string, number>;
}

/** What the customer of every test is called by. */
export const customer = 'finn@example.com';

const rights: Readonly<Record<string, Permission>> = {
  'offer-retry': 'act.retry',
  'offer-reinstall': 'act.reinstall',
  'offer-vouch': 'act.vouch',
  'offer-recheck': 'diagnose.any',
  'offer-other': 'diagnose.any',
  'offer-bug': 'diagnose.any',
};

const buttons: readonly Button[] = [
  { kind: 'press', id: 'offer-retry', label: 'Retry provisioning', style: 'primary' },
  { kind: 'press', id: 'offer-reinstall', label: 'Reinstall server', style: 'danger', asks: true },
  { kind: 'press', id: 'offer-vouch', label: 'Vouch', style: 'plain', asks: true },
  { kind: 'press', id: 'offer-recheck', label: 'Re-check', style: 'plain' },
  { kind: 'press', id: 'offer-late', label: 'Redeliver webhook', style: 'plain' },
  { kind: 'press', id: 'offer-bug', label: 'Link server', style: 'plain' },
];

/** `stepMs`: how long each step of an action takes. */
export function createChatDesk({ stepMs = 40 }: { readonly stepMs?: number } = {}): ChatDesk {
  const calls: CommandCall[] = [];
  const presses: Press[] = [];
  const deeds = new Map<string, number>();
  let slowMs = 0;

  const statusCard = (place: CommandCall['place'], remark = 'No node has room for this order'): Card => ({
    tone: 'bad',
    title: `CAP-002 ${remark}`,
    summary: 'The plan needs 8 GB; the emptiest open node has 4 GB.',
    blocks: [
      {
        kind: 'fields',
        fields: [{ label: 'Customer', value: text(place === 'staff' ? maskEmail(customer) : customer) }],
      },
    ],
    buttons,
    select: {
      id: 'purchases',
      label: 'Another purchase',
      options: [{ value: 'offer-other', label: text("11111111 Ann's world"), description: text('nothing wrong') }],
    },
    madeAt: new Date(),
  });
  const note = (title: string, reason: string): Card => noteCard(title, reason, new Date());

  return {
    calls,
    presses,
    deeds,
    commands: [
      {
        name: 'server-status',
        summary: 'Say where a purchase broke, why, and what to do',
        inputs: [{ name: 'who', summary: 'e-mail, order id, panel server id or Stripe id', isRequired: true }],
      },
      {
        name: 'pterodoc orders',
        summary: 'List what is not healthy now',
        inputs: [{ name: 'status', summary: 'only orders in this status', isRequired: false }],
      },
      { name: 'pterodoc audit', summary: 'Show who did what', inputs: [] },
      { name: 'pterodoc help', summary: 'Say what pterodoc can do', inputs: [] },
    ],
    slowBy(ms) {
      slowMs = ms;
    },
    async run(call) {
      calls.push(call);
      await sleep(slowMs);
      const { command, input, actor, place } = call;
      if (!can(actor.role, 'diagnose.any')) {
        return { card: note(`You may not use /${command}`, 'This is for staff.'), visibility: 'private' };
      }
      if (command === 'pterodoc audit') return { card: note('Audit', 'For you alone.'), visibility: 'private' };
      if (command !== 'server-status')
        return { card: note('Help', `You asked for ${command}.`), visibility: 'private' };
      if (input['who'] === 'bug@example.com') throw new Error('a bug with a secret');
      if (input['who'] === undefined) return { card: note('It needs more', 'who?'), visibility: 'private' };
      return { card: statusCard(place), visibility: place === 'staff' ? 'channel' : 'private' };
    },
    async press(press, show) {
      presses.push(press);
      await sleep(slowMs);
      const { offerId, actor, place, form } = press;
      const right = rights[offerId];
      if (offerId === 'offer-late') {
        return { kind: 'card', card: statusCard(place, 'This button had expired. Here is how things stand now.') };
      }
      if (right === undefined) return { kind: 'note', card: note('This button is too old', 'Ask again.') };
      if (!can(actor.role, right)) return { kind: 'note', card: note('You may not press this', 'Ask an operator.') };
      if (offerId === 'offer-bug') throw new Error('a bug with a secret');
      if (offerId === 'offer-recheck' || offerId === 'offer-other') {
        return { kind: 'card', card: statusCard(place, `Looked again for ${actor.name}`) };
      }
      if (form === null && offerId !== 'offer-retry') {
        const reason = offerId === 'offer-vouch' ? { label: 'Why?', maxLength: 500 } : null;
        const title = offerId === 'offer-vouch' ? 'Vouch' : 'Reinstall server';
        const body = ['The server abc12345 is installed anew.', 'This cannot be undone.'];
        return { kind: 'ask', form: { title, body, reason, confirmLabel: title, isDangerous: reason === null } };
      }
      if ((deeds.get(offerId) ?? 0) > 0) {
        return { kind: 'card', card: statusCard(place, 'This button had been used already') };
      }
      deeds.set(offerId, 1);
      for (const done of [0, 1, 2]) {
        show(progressCard(done, actor));
        await sleep(stepMs);
      }
      const words = `Applied by ${actorWords(actor)}${form?.reason == null ? '' : `: ${form.reason}`}`;
      return { kind: 'card', card: { ...statusCard(place, words), tone: 'good' } };
    },
  };
}

function progressCard(done: number, actor: Actor): Card {
  return {
    tone: 'busy',
    title: 'Retry provisioning is under way',
    summary: `Step ${done} of 3`,
    blocks: [
      { kind: 'progress', label: text('steps'), done, total: 3 },
      { kind: 'fields', fields: [{ label: 'By', value: text(actorWords(actor)) }] },
    ],
    madeAt: new Date(),
  };
}
