import { createSlackAdapter, slackManifest } from '../../src/adapters/slack/index.ts';
import { createWorldClock } from '../../src/sandbox/clock.ts';
import type { Person } from '../platforms/slack/person.ts';
import { startSlack } from '../platforms/slack/index.ts';
import { addMessage, BOT_USER_ID, type Channel, findMessage, type UserKind } from '../platforms/slack/state.ts';
import { controlIn, type SeenMessage } from '../platforms/slack/screen.ts';
import { isJson } from '../platforms/slack/shape.ts';
import type { Standing } from '../e2e/policy.ts';
import { type Account, type PolicyStage, questionWords, type StageOptions } from './policy-stage.ts';

type Group = 'support' | 'operators' | 'admins';

const membership: Readonly<Record<Standing, { readonly kind: UserKind; readonly group: Group | null }>> = {
  nobody: { kind: 'member', group: null },
  support: { kind: 'member', group: 'support' },
  operator: { kind: 'member', group: 'operators' },
  admin: { kind: 'member', group: 'admins' },
  'support alone with the bot': { kind: 'member', group: 'support' },
  'admin alone with the bot': { kind: 'member', group: 'admins' },
  'guest in the support group': { kind: 'guest', group: 'support' },
  'support group member of another workspace': { kind: 'stranger', group: 'support' },
  'admin of another server': { kind: 'stranger', group: 'admins' },
};

/** A workspace with the bot in it. */
export async function openPolicySlack({ desk, note }: StageOptions): Promise<PolicyStage> {
  const manifest = slackManifest({ commands: desk.commands, connection: { mode: 'socket' } });
  const clock = createWorldClock();
  const slack = await startSlack({ rateLimits: 'off', clock, manifest });
  const { state } = slack;
  const { people, groups, channels } = slack.workspace({
    users: { ada: {} },
    channels: { support: { members: ['ada'] }, lounge: {} },
    groups: { support: [], operators: [], admins: ['ada'] },
  });
  const { support, lounge } = channels;
  const adapter = createSlackAdapter(
    {
      botToken: slack.botToken,
      connection: { kind: 'socket', appToken: slack.appToken, secondAfterMs: 0 },
      supportChannelIds: [support.id],
      roleIds: { support: [groups.support.id], operator: [groups.operators.id], admin: [groups.admins.id] },
      apiUrl: slack.apiUrl,
    },
    {
      desk,
      clock: { now: () => new Date(clock.now()) },
      log: {
        info: note,
        warn: note,
        bug(error) {
          note(`bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
          return 'ref-1';
        },
      },
      lost: note,
    },
  );
  await adapter.start();
  await slack.sockets.connected();
  let count = 0;

  const isCardOf = (orderId: string) => (message: SeenMessage) =>
    message.reads.includes(orderId) && !message.isEphemeral;
  const cardOf = (orderId: string): SeenMessage => {
    const card = people.ada.visibleMessages(support).find(isCardOf(orderId));
    if (card === undefined) throw new Error(`there is no card of ${orderId}`);
    return card;
  };
  /** Waits until something is so on somebody's screen. */
  const until = async <T>(look: () => T | null): Promise<T> => {
    for (let waited = 0; waited < 10_000; waited += 10) {
      const found = look();
      if (found !== null) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('what was waited for did not happen');
  };
  const copyTo = (channel: Channel, { text, blocks }: SeenMessage): void => {
    addMessage(state, { channelId: channel.id, userId: BOT_USER_ID, kind: 'app' }, { text, blocks });
  };

  const accountOf = (person: Person, room: Channel, cardRoom: Channel): Account => ({
    id: person.id,
    async ask(command, given) {
      const [name = '', ...part] = command.split(' ');
      const before = new Set(person.visibleMessages(room).map(({ ts }) => ts));
      await person.slash(name, command === '/server-status' ? given : part.join(' '), room);
      const answer = await until(
        () =>
          person
            .visibleMessages(room)
            .find(({ ts, isCommand, reads }) => !before.has(ts) && !isCommand && !reads.startsWith('Looking')) ?? null,
      );
      return answer.reads;
    },
    async press(orderId, thing, beforeYes = () => undefined) {
      const original = cardOf(orderId);
      // Cards get nowhere else by themselves; this one does, so that what happens then can be seen.
      if (cardRoom !== support) copyTo(cardRoom, original);
      cardRoom.members.add(person.id);
      const card = await person.sees(isCardOf(orderId), cardRoom);
      const before = new Set(person.visibleMessages(cardRoom).map(({ ts }) => ts));
      await (thing === 'Another purchase'
        ? person.choose(card, 'choose', firstOption(card))
        : person.press(card, thing));
      const told = (): string | null => {
        const modal = person.modal()?.reads ?? '';
        const alone = person.visibleMessages(cardRoom).find(({ ts }) => !before.has(ts));
        if (modal.includes('Looking afresh')) return null;
        return modal === '' ? (alone?.reads ?? null) : modal;
      };
      const isChanged = (): boolean => {
        const now = findMessage(state, support.id, original.ts);
        return now !== null && now.revisions.length > original.revisions.length && !/is under way/.test(now.reads);
      };
      await until(() => (told() !== null || isChanged() ? true : null));
      if (told()?.includes(questionWords) !== true) return { told: told(), isCardChanged: isChanged() };
      beforeYes();
      await person.submitView(thing === 'Vouch' ? { reason: 'It was a gift' } : {});
      await until(() => (isChanged() || told() !== null ? true : null));
      return { told: told(), isCardChanged: isChanged() };
    },
    leave: () => void cardRoom.members.delete(person.id),
    dismiss() {
      for (const group of Object.values(groups)) group.members.delete(person.id);
      // What is remembered of roles is a minute old at most.
      clock.travelTo(clock.now() + 61_000);
    },
  });

  return {
    async post(orderIds) {
      await Promise.all(orderIds.map((orderId) => people.ada.slash('/server-status', orderId, support)));
      await until(() => (orderIds.every((id) => people.ada.visibleMessages(support).some(isCardOf(id))) ? true : null));
    },
    account(standing) {
      count += 1;
      const name = `${standing.replaceAll(' ', '-')}-${count}`;
      const { kind, group } = membership[standing];
      const made = slack.workspace({ users: { [name]: { kind } } }).people[name];
      if (made === undefined) throw new Error('nobody was made');
      if (group !== null) groups[group].members.add(made.id);
      if (standing.endsWith('alone with the bot')) return accountOf(made, made.direct(), made.direct());
      lounge.members.add(made.id);
      return accountOf(made, lounge, support);
    },
    async close() {
      await adapter.stop();
      await slack.stop();
    },
  };
}

function firstOption({ blocks }: SeenMessage): string {
  const { options } = controlIn(blocks, 'choose').element;
  const first: unknown = Array.isArray(options) ? options[0] : null;
  if (!isJson(first)) throw new Error('there is nothing to choose');
  return String(first['value']);
}
