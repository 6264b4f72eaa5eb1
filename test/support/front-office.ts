import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createWebAdapter,
  type SandboxControls,
  type Trouble,
  type WebAdapter,
  type WebConfig,
} from '../../src/adapters/web/index.ts';
import { type Button, type Card, text } from '../../src/core/card.ts';
import type { CommandCall, Desk, Press } from '../../src/core/desk.ts';
import { can } from '../../src/core/permission.ts';
import { cards } from '../builders/cards.ts';

/** A desk that answers by a few fixed rules, so that a surface can be tried without anything behind it. */
export interface FakeDesk extends Desk {
  /** Every call and press, oldest first. */
  readonly calls: CommandCall[];
  readonly presses: Press[];
}

/** Names that break pages which trust them. */
export const hostileNames = [
  '<script>window.pwned = 1</script><img src=x onerror="window.pwned = 1">',
  '\u202eاسم الخادم 👩‍👩‍👧‍👦 מבחן',
  `${'W'.repeat(500)}`,
];

const buttons: readonly Button[] = [
  { kind: 'press', id: 'offer-retry', label: 'Retry provisioning', style: 'primary' },
  { kind: 'press', id: 'offer-reinstall', label: 'Reinstall server', style: 'danger' },
  { kind: 'press', id: 'offer-vouch', label: 'Vouch', style: 'plain' },
  { kind: 'press', id: 'offer-note', label: 'Link server', style: 'plain' },
  { kind: 'press', id: 'offer-recheck', label: 'Re-check', style: 'plain' },
  { kind: 'link', url: 'https://example.com/orders', label: 'Open the order' },
];

function card(name: keyof typeof cards, now: Date): Card {
  const found = cards[name];
  if (found === undefined) throw new Error(`There is no card ${name}.`);
  return { ...found, madeAt: now };
}

const note = (title: string, summary: string): Card => ({
  tone: 'neutral',
  title,
  summary,
  blocks: [],
  madeAt: new Date(),
});

/** `stepMs`: how long each step of an action takes. */
export function createFakeDesk({ stepMs = 60 }: { readonly stepMs?: number } = {}): FakeDesk {
  const calls: CommandCall[] = [];
  const presses: Press[] = [];
  return {
    calls,
    presses,
    commands: [
      {
        name: 'server-status',
        summary: 'Say where a purchase broke, why, and what to do',
        inputs: [{ name: 'who', summary: 'e-mail, order id, panel server id or Stripe id', isRequired: true }],
      },
      {
        name: 'pterodoc orders',
        summary: 'List what is not healthy now',
        inputs: [{ name: 'filter', summary: 'a state', isRequired: false }],
      },
      { name: 'my-server', summary: 'Say where your server is', inputs: [] },
    ],
    async run(call) {
      calls.push(call);
      await sleep(stepMs);
      const { actor, place, command, input } = call;
      const visibility = place === 'staff' ? 'channel' : 'private';
      const now = new Date();
      const who = input['who'] ?? '';
      if (command === 'my-server') {
        return {
          card: note('Link your account first', 'Then you can ask about your own server.'),
          visibility: 'private',
        };
      }
      if (command !== 'server-status') {
        return { card: note('There is no such command', 'These are there: /server-status.'), visibility: 'private' };
      }
      if (!can(actor.role, 'diagnose.any')) {
        return { card: note('You may not use /server-status', 'This is for staff.'), visibility: 'private' };
      }
      if (who === 'bug@example.com') throw new Error('a bug of the desk, with a secret');
      if (who === 'hush@example.com') return { card: note('A private word', 'For you alone.'), visibility: 'private' };
      if (who === 'hostile@example.com') return { card: hostileCard(now), visibility };
      if (who === 'ann@example.com') return { card: card('healthy', now), visibility };
      if (who === 'pia@example.com') return { card: card('lost-purchase', now), visibility };
      return { card: { ...card('no-room-details', now), buttons, select }, visibility };
    },
    async press(press, show) {
      presses.push(press);
      await sleep(stepMs);
      switch (press.offerId) {
        case 'offer-note':
          return { kind: 'note', card: note('Link server: nothing was done', 'Olga is at it already.') };
        case 'offer-reinstall':
          if (press.form !== null) break;
          return {
            kind: 'ask',
            form: {
              title: 'Reinstall server',
              body: ['The server abc12345 is installed anew.', 'What is on it is lost.'],
              reason: null,
              confirmLabel: 'Reinstall server',
              isDangerous: true,
            },
          };
        case 'offer-vouch':
          if (press.form !== null) break;
          return {
            kind: 'ask',
            form: {
              title: 'Vouch for this order',
              body: ['Your word stands in for Stripe.'],
              reason: { label: 'Why?', maxLength: 500 },
              confirmLabel: 'Vouch',
              isDangerous: false,
            },
          };
        case 'offer-bug':
          throw new Error('a bug of the desk, with a secret');
      }
      for (const done of [0, 1, 2]) {
        show(progressCard(done, press));
        await sleep(stepMs);
      }
      return { kind: 'card', card: { ...card('healthy', new Date()), buttons: buttons.slice(4) } };
    },
  };
}

const select = {
  id: 'purchases',
  label: 'Another purchase',
  options: [
    { value: 'offer-other', label: text("11111111 Ann's world"), description: text('nothing wrong') },
    { value: 'offer-other-2', label: text('22222222 Old world') },
  ],
};

function progressCard(done: number, { actor, form }: Press): Card {
  return {
    tone: 'busy',
    title: 'Retry provisioning is under way',
    summary: 'Writing, one step after the other; each is done at most once.',
    blocks: [
      { kind: 'progress', label: text('steps, verification last'), done, total: 3 },
      {
        kind: 'fields',
        fields: [
          { label: done > 0 ? 'done' : 'now', value: text('set the order back to paid') },
          { label: done > 1 ? 'done' : 'next', value: text('call servers-provision') },
          { label: 'By', value: text(`${actor.name} (${actor.role ?? 'no role'})`) },
          ...(form?.reason == null ? [] : [{ label: 'Reason', value: text(form.reason) }]),
        ],
      },
    ],
    madeAt: new Date(),
  };
}

/** Whatever can be written into a name, in every place where a name can stand. */
export function hostileCard(now: Date): Card {
  const names = hostileNames.map((name) => text(name));
  return {
    tone: 'unsure',
    title: hostileNames.join(' '),
    summary: hostileNames.join(' '),
    blocks: [
      { kind: 'paragraph', heading: hostileNames[0] ?? '', body: names[1] ?? text('') },
      {
        kind: 'fields',
        fields: names.map((value, at) => ({
          label: hostileNames[at] ?? '',
          value,
          at: now,
          link: 'javascript:alert(1)',
        })),
      },
      { kind: 'table', columns: hostileNames.slice(0, 3), rows: [names, names] },
      { kind: 'image', url: 'javascript:alert(1)', alt: names[0] ?? text('') },
    ],
    buttons: [{ kind: 'press', id: 'offer-recheck', label: hostileNames[0] ?? '', style: 'plain' }],
    select: { id: 'x', label: hostileNames[0] ?? '', options: names.map((label) => ({ value: 'offer-other', label })) },
    madeAt: now,
  };
}

const troubles: readonly Omit<Trouble, 'isBroken'>[] = [
  { id: 'key-revoked', title: 'Panel key revoked', what: 'The panel refuses the key of the function.', group: 'Panel' },
  {
    id: 'panel-html',
    title: 'Panel answers HTML',
    what: 'Something in front of the panel answers in its place.',
    group: 'Panel',
  },
  { id: 'wings-down', title: 'Wings down', what: 'No node answers; installations do not go on.', group: 'Panel' },
  {
    id: 'endpoint-off',
    title: 'Webhook endpoint disabled',
    what: 'Stripe sends nothing, and does not send it later.',
    group: 'Payments',
  },
  {
    id: 'wrong-secret',
    title: 'Wrong webhook secret',
    what: 'The function refuses every event of Stripe.',
    group: 'Payments',
  },
  {
    id: 'stripe-slow',
    title: 'Stripe is slow',
    what: 'Every answer of Stripe takes three seconds.',
    group: 'Payments',
  },
];

/** A shop of which nothing but the switches is there. */
export function createFakeShop(): SandboxControls {
  const broken = new Set<string>();
  return {
    customers: [
      { email: 'finn@example.com', story: 'Bought in region asia, which is full.' },
      { email: 'pia@example.com', story: 'Paid while the webhook endpoint was disabled: there is no order.' },
      { email: 'ann@example.com', story: 'Everything is fine: a Minecraft server that runs.' },
      { email: 'hostile@example.com', story: 'Called the server something that breaks pages.' },
      { email: 'otto@example.com', story: "Paid while the function had the wrong signing secret; it's right again." },
      { email: 'bug@example.com', story: 'Meets a bug.' },
    ],
    plans: [
      { id: 'mc-4', label: 'mc-4: Minecraft, 4 GB' },
      { id: 'rust-8', label: 'rust-8: Rust, 8 GB' },
    ],
    regions: [
      { id: 'eu', label: 'eu' },
      { id: 'us', label: 'us' },
    ],
    acts: [
      { id: 'refund', title: 'Refund', what: 'Gives the last payment back.', to: 'customer' },
      { id: 'night', title: 'A night goes by', what: 'Every order is eight hours older.', to: 'shop' },
    ],
    async purchase({ email }) {
      if (email === 'unlucky@example.com') throw new Error('the shop is on fire');
      if (email === 'banned@example.com') return { refused: 'The shop sells nothing to this address.' };
      return { sessionId: 'cs_test_1', orderId: '6f0f2f4e-2a51-4c0e-9a63-0d9f4a1c2b3d' };
    },
    troubles: async () => troubles.map((trouble) => ({ ...trouble, isBroken: broken.has(trouble.id) })),
    async break(id) {
      broken.add(id);
    },
    async mend(id) {
      broken.delete(id);
    },
    act: async (id, email) =>
      email === 'nobody@example.com'
        ? { refused: 'Nobody has signed up with this address.' }
        : { words: `${id} happened to ${email ?? 'the shop'}.` },
  };
}

/** A running page over the fakes. */
export interface FrontOffice {
  readonly url: string;
  readonly desk: FakeDesk;
  readonly logged: { readonly reference: string; readonly error: unknown }[];
  /** Stops, and starts anew at the same address. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function openFrontOffice(
  options: Partial<WebConfig> & { readonly stepMs?: number; readonly isReady?: () => boolean } = {},
): Promise<FrontOffice> {
  const { stepMs = 60, isReady = () => true, ...rest } = options;
  const desk = createFakeDesk({ stepMs });
  const logged: { readonly reference: string; readonly error: unknown }[] = [];
  const reportBug = (error: unknown): string => {
    const reference = randomBytes(4).toString('hex');
    logged.push({ reference, error });
    return reference;
  };
  const create = (port: number): WebAdapter =>
    createWebAdapter(
      { host: '127.0.0.1', publicUrl: null, sandbox: createFakeShop(), ...rest, port },
      { desk, clock: { now: () => new Date() }, isReady, reportBug },
    );
  let adapter = create(rest.port ?? 0);
  const { url } = await adapter.start();
  return {
    url,
    desk,
    logged,
    async restart() {
      await adapter.stop();
      adapter = create(Number(new URL(url).port));
      await adapter.start();
    },
    stop: () => adapter.stop(),
  };
}
