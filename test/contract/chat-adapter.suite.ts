import { afterEach, describe, expect, test } from 'vitest';
import type { ChatAdapter } from '../../src/core/chat.ts';
import { type ChatDesk, customer } from '../support/chat-desk.ts';

/** Where something is said: a support channel, another channel, or between two alone. */
export type Room = 'support' | 'lounge' | 'alone';

/** A message of the bot as one person sees it. */
export interface SeenCard {
  /** Everything there is to read, buttons included. */
  readonly reads: string;
  readonly isPrivate: boolean;
}

/** What came of something a person did. */
export interface Reaction {
  /** Milliseconds until the platform had its acknowledgement; `null`: the person sees a failure. */
  readonly ackMs: number | null;
}

/** Somebody at a keyboard, whatever the platform. */
export interface ChatPerson {
  readonly name: string;
  ask(who: string, room: Room): Promise<Reaction>;
  /** Waits for a message of the bot with these words in it. */
  sees(words: string | RegExp, room: Room, withinMs?: number): Promise<SeenCard>;
  /** Everything of the bot that is to be seen now, oldest first. */
  screen(room: Room): readonly SeenCard[];
  press(on: SeenCard, button: string): Promise<Reaction>;
  choose(on: SeenCard, option: string): Promise<Reaction>;
  seesForm(words: string): Promise<string>;
  answersForm(reason: string | null): Promise<Reaction>;
}

/** Everything one test needs. */
export interface ChatStage {
  readonly adapter: ChatAdapter;
  readonly desk: ChatDesk;
  readonly people: Readonly<Record<'sam' | 'sid' | 'olga' | 'ada' | 'casey', ChatPerson>>;
  /** Takes a role away, as the platform's administrator would, and lets what is remembered of it grow old. */
  dismiss(person: ChatPerson): void;
  /** The platform does not tell who holds which role; `null` where roles come with everything people do. */
  readonly hideRoles: (() => void) | null;
  /** The next message is posted, and the platform's answer to it is lost. */
  loseAnswerToNextPost(): void;
  /** Changing messages fails so many times in the way that passes. */
  failNextChanges(times: number): void;
  /** Ends the program and starts it anew, with nothing remembered. */
  restart(): Promise<void>;
  /** Everybody the bot's messages have called on, and whatever else came to life in them. */
  mentions(): readonly unknown[];
  /** Everything that was written to the log. */
  log(): string;
  close(): Promise<void>;
}

/** What every chat must do with the desk's answers. */
export function describeChat(
  name: string,
  openStage: () => Promise<ChatStage>,
  { canHideRoles }: { readonly canHideRoles: boolean },
): void {
  let stage: ChatStage | null = null;
  const open = async (): Promise<ChatStage> => {
    stage = await openStage();
    return stage;
  };
  afterEach(async () => {
    await stage?.close();
    stage = null;
  });

  describe(name, () => {
    test('answers a command in the support channel for all, with the address masked', async () => {
      const { people } = await open();
      expect((await people.sam.ask(customer, 'support')).ackMs).not.toBeNull();
      const seen = await people.olga.sees('CAP-002', 'support');
      expect(seen).toMatchObject({ isPrivate: false });
      expect(seen.reads).toContain('f•••@example.com');
      expect(
        people.olga
          .screen('support')
          .map(({ reads }) => reads)
          .join(),
      ).not.toContain(customer);
    });

    test('answers elsewhere only the person who asked, in full', async () => {
      const { people } = await open();
      await people.sam.ask(customer, 'lounge');
      const seen = await people.sam.sees('CAP-002', 'lounge');
      expect(seen.isPrivate).toBe(true);
      expect(seen.reads).toContain(customer);
      expect(people.casey.screen('lounge')).toEqual([]);
    });

    test('tells somebody without a role whom to ask, alone, and nothing else', async () => {
      const { people, desk } = await open();
      await people.casey.ask(customer, 'lounge');
      const seen = await people.casey.sees('You may not use /server-status', 'lounge');
      expect(seen.isPrivate).toBe(true);
      expect(seen.reads).not.toContain('CAP-002');
      expect(desk.calls.map(({ actor }) => actor.role)).toEqual([null]);
    });

    test('lets a role of staff give nothing where two are alone', async () => {
      const { people, desk } = await open();
      await people.sam.ask(customer, 'alone');
      await people.sam.sees('You may not use', 'alone');
      expect(desk.calls).toMatchObject([{ place: 'private', actor: { role: 'customer' } }]);
    });

    test('acknowledges at once and says within a second that the answer takes longer', async () => {
      const { people, desk } = await open();
      desk.slowBy(900);
      const { ackMs } = await people.sam.ask(customer, 'support');
      expect(ackMs).toBeLessThan(500);
      expect((await people.sam.sees('Looking at the payment', 'support', 1100)).isPrivate).toBe(true);
      await people.olga.sees('CAP-002', 'support');
    });

    test('shows an action step by step to all, then the outcome and by whom', async () => {
      const { people, desk } = await open();
      await people.sam.ask(customer, 'support');
      const card = await people.olga.sees('CAP-002', 'support');
      await people.olga.press(card, 'Retry provisioning');
      await people.sam.sees('is under way', 'support');
      const done = await people.sam.sees(/Applied by olga/i, 'support');
      expect(done.reads).not.toContain('is under way');
      expect(people.sam.screen('support').filter(({ isPrivate }) => !isPrivate)).toHaveLength(1);
      expect(desk.presses).toMatchObject([{ place: 'staff', actor: { role: 'operator' } }]);
    });

    test('answers a press without the right only to that person, and leaves the message as it is', async () => {
      const { people, desk } = await open();
      await people.sam.ask(customer, 'support');
      const card = await people.sam.sees('CAP-002', 'support');
      await people.casey.press(card, 'Retry provisioning');
      const refusal = await people.casey.sees('You may not press this', 'support');
      expect(refusal.isPrivate).toBe(true);
      expect(people.sam.screen('support').map(({ reads }) => reads)).toEqual([card.reads]);
      expect(desk.deeds.size).toBe(0);
    });

    test('asks at every press anew what the person may do', async () => {
      const { people, desk, dismiss } = await open();
      await people.sam.ask(customer, 'support');
      const card = await people.sam.sees('CAP-002', 'support');
      dismiss(people.sam);
      await people.sam.press(card, 'Retry provisioning');
      await people.sam.sees('You may not press this', 'support');
      expect(desk.deeds.size).toBe(0);
    });

    test('two who press at once both see the one outcome', async () => {
      const { people, desk } = await open();
      await people.sam.ask(customer, 'support');
      const card = await people.sam.sees('CAP-002', 'support');
      await Promise.all([people.sam.press(card, 'Retry provisioning'), people.olga.press(card, 'Retry provisioning')]);
      await people.sid.sees(/Applied by/, 'support');
      expect(desk.deeds.get('offer-retry')).toBe(1);
    });

    test('draws the card anew for a button that has expired', async () => {
      const { people } = await open();
      await people.sam.ask(customer, 'support');
      await people.sam.press(await people.sam.sees('CAP-002', 'support'), 'Redeliver webhook');
      expect((await people.olga.sees('had expired', 'support')).isPrivate).toBe(false);
    });

    test('takes a choice like a press', async () => {
      const { people } = await open();
      await people.sam.ask(customer, 'support');
      await people.sam.choose(await people.sam.sees('CAP-002', 'support'), "11111111 Ann's world");
      await people.olga.sees(/Looked again for sam/i, 'support');
    });

    test('changes a private answer in its place', async () => {
      const { people } = await open();
      await people.sam.ask(customer, 'lounge');
      await people.sam.press(await people.sam.sees('CAP-002', 'lounge'), 'Retry provisioning');
      const done = await people.sam.sees('Applied by', 'lounge');
      expect(done).toMatchObject({ isPrivate: true });
      expect(done.reads).toContain(customer);
      expect(people.sam.screen('lounge')).toHaveLength(1);
    });

    test('asks a second time before what cannot be undone, and does it then', async () => {
      const { people, desk } = await open();
      await people.sam.ask(customer, 'support');
      const card = await people.sam.sees('CAP-002', 'support');
      await people.olga.press(card, 'Reinstall server');
      await people.olga.seesForm('This cannot be undone.');
      expect(desk.deeds.size).toBe(0);
      await people.olga.answersForm(null);
      await people.sam.sees('Applied by', 'support');
      expect(desk.deeds.get('offer-reinstall')).toBe(1);
    });

    test('asks for a reason where one is needed, also on a private answer, however slow the desk is', async () => {
      const { people, desk } = await open();
      await people.ada.ask(customer, 'lounge');
      const card = await people.ada.sees('CAP-002', 'lounge');
      desk.slowBy(100);
      await people.ada.press(card, 'Vouch');
      await people.ada.seesForm('Why?');
      await people.ada.answersForm('It was a gift');
      await people.ada.sees('It was a gift', 'lounge');
      expect(desk.presses.at(-1)).toMatchObject({ form: { reason: 'It was a gift' }, actor: { role: 'admin' } });
    });

    test('tells whoever may not be asked why, and nobody else', async () => {
      const { people, desk } = await open();
      await people.sam.ask(customer, 'support');
      await people.sam.press(await people.sam.sees('CAP-002', 'support'), 'Reinstall server');
      await people.sam.seesForm('You may not press this');
      expect(desk.deeds.size).toBe(0);
    });

    test('shows a bug as a reference, and what it says in the log alone', async () => {
      const { people, log } = await open();
      await people.sam.ask('bug@example.com', 'support');
      const seen = await people.sam.sees('Something went wrong', 'support');
      expect(seen.isPrivate).toBe(true);
      expect(seen.reads).not.toContain('secret');
      expect(log()).toContain('a bug with a secret');
      await people.sam.ask(customer, 'support');
      await people.olga.press(await people.olga.sees('CAP-002', 'support'), 'Link server');
      await people.olga.sees('Something went wrong', 'support');
    });

    if (canHideRoles) {
      test('does nothing, and says why, while roles cannot be read', async () => {
        const { people, desk, hideRoles } = await open();
        hideRoles?.();
        await people.sam.ask(customer, 'support');
        expect((await people.sam.sees('Roles cannot be read now', 'support', 8000)).isPrivate).toBe(true);
        expect(desk.calls).toEqual([]);
      });
    }

    test('posts nothing twice when the answer to a post was lost, and leaves no command without a word', async () => {
      const { people, loseAnswerToNextPost } = await open();
      loseAnswerToNextPost();
      await people.sam.ask(customer, 'support');
      await people.olga.sees('CAP-002', 'support', 12_000);
      await people.sam.sees('CAP-002', 'support');
      expect(people.olga.screen('support')).toHaveLength(1);
    });

    test('brings the outcome of an action to the message although changing it failed at first', async () => {
      const { people, failNextChanges } = await open();
      await people.sam.ask(customer, 'support');
      const card = await people.sam.sees('CAP-002', 'support');
      failNextChanges(2);
      await people.sam.press(card, 'Retry provisioning');
      await people.olga.sees('Applied by', 'support', 10_000);
    });

    test('answers buttons of before a restart', async () => {
      const { people, restart } = await open();
      await people.sam.ask(customer, 'support');
      const card = await people.sam.sees('CAP-002', 'support');
      await restart();
      await people.olga.press(card, 'Re-check');
      await people.sam.sees(/Looked again for olga/i, 'support');
    });

    test('calls on nobody, and writes no address and no token to its log', async () => {
      const { people, mentions, log, adapter } = await open();
      await people.sam.ask(customer, 'support');
      await people.sam.press(await people.sam.sees('CAP-002', 'support'), 'Retry provisioning');
      await people.sam.sees('Applied by', 'support');
      expect(mentions()).toEqual([]);
      expect(log()).not.toMatch(/@example|xox|xapp/);
      expect(adapter.isConnected()).toBe(true);
    });
  });
}
