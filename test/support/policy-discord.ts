import type { Member, Place, SeenMessage } from '../platforms/discord/index.ts';
import type { Standing } from '../e2e/policy.ts';
import { openServer, prepareDiscord } from './discord-surface.ts';
import { type Account, type PolicyStage, questionWords, type Reaction, type StageOptions } from './policy-stage.ts';

const routesWithoutLimits = [
  'global',
  'POST /channels/:channel/messages',
  'PATCH /channels/:channel/messages/:message',
  'POST /webhooks/:application/:token',
  'PATCH /webhooks/:application/:token/messages/:message',
];

/** Discord, with the bot in two servers, one of which it does not work for. */
export async function openPolicyDiscord({ desk, note }: StageOptions): Promise<PolicyStage> {
  const server = await openServer();
  const { discord, guild, roles, channels, people } = server;
  for (const route of routesWithoutLimits) discord.rateLimits.set(route, { limit: 100_000, windowMs: 1000 });
  const otherGuild = discord.guild({ name: 'Another merchant' });
  const foreign = { room: otherGuild.channel('support'), admins: otherGuild.role('admins') };
  const adapter = prepareDiscord(server, { desk, note });
  await adapter.start();
  await registerEverywhere(server);
  let count = 0;

  const cardOf = (orderId: string): SeenMessage => {
    const card = channels.support.messages().find(({ text }) => text.includes(orderId));
    if (card === undefined) throw new Error(`there is no card of ${orderId}`);
    return card;
  };
  const member = (standing: Standing): Member => {
    count += 1;
    const name = `${standing.slice(0, 20)} ${count}`;
    switch (standing) {
      case 'support':
      case 'support alone with the bot':
        return guild.member(name, roles.support);
      case 'operator':
        return guild.member(name, roles.operators);
      case 'admin':
      case 'admin alone with the bot':
        return guild.member(name, roles.admins);
      case 'admin of another server':
        return otherGuild.member(name, foreign.admins);
      default:
        return guild.member(name, roles.visitors);
    }
  };

  const accountOf = (person: Member, room: (person: Member) => Place, isInSupport: boolean): Account => ({
    id: person.id,
    async ask(command, given) {
      const options = command === '/server-status' ? { who: given } : {};
      const asked = await person.slash(command.slice(1), options, room(person));
      return asked.message?.text ?? '';
    },
    async press(orderId, thing, beforeYes = () => undefined) {
      const original = cardOf(orderId);
      // Cards get nowhere else by themselves; this one does, so that what happens then can be seen.
      const card = isInSupport ? original : copyTo(room(person), original);
      const select = card.selects.find(({ placeholder }) => placeholder === thing);
      const pressed =
        select === undefined
          ? await person.press(card, thing, { until: 'answered' })
          : await person.choose(card, thing, [select.options[0]?.value ?? ''], { until: 'answered' });
      const told = (): string | null =>
        pressed.followUps[0]?.text ?? (pressed.kind === 'message' ? textOf(pressed) : null);
      const isChanged = (): boolean => {
        const now = channels.support.channel.messages.find(({ id }) => id === original.id);
        if (now === undefined) return false;
        return now.history.length > original.history.length && !/is under way/.test(JSON.stringify(now.components));
      };
      await discord.until(() => told() !== null || isChanged());
      const [question] = pressed.followUps;
      if (question?.text.includes(questionWords) !== true) return reaction(told(), isChanged());
      beforeYes();
      const confirmed = await person.press(question, question.buttons[0]?.customId ?? '', { until: 'answered' });
      if (confirmed.modal !== null)
        await person.submitModal(confirmed, { reason: 'It was a gift' }, { until: 'answered' });
      const refusal = (): string | null =>
        person
          .visibleMessages(channels.support)
          .find(({ id, text }) => id === question.id && text.includes('You may not press this'))?.text ?? null;
      await discord.until(() => isChanged() || refusal() !== null);
      return reaction(refusal(), isChanged());
    },
    leave: () => undefined,
    dismiss() {
      for (const role of [roles.support, roles.operators, roles.admins]) person.take(role);
      // Who has no role any more may still read along.
      person.give(roles.visitors);
    },
  });

  return {
    async post(orderIds) {
      await Promise.all(
        orderIds.map((who) => people.ada.slash('server-status', { who }, channels.support, { until: 'answered' })),
      );
      const isThere = (orderId: string): boolean => cards.some((card) => card.includes(orderId));
      let cards: readonly string[] = [];
      await discord.until(() => {
        cards = channels.support.channel.messages.map(({ components }) => JSON.stringify(components));
        return cards.length >= orderIds.length && orderIds.every(isThere);
      }, 30_000);
    },
    account(standing) {
      const person = member(standing);
      if (standing === 'admin of another server') return accountOf(person, () => foreign.room, false);
      if (standing.endsWith('alone with the bot')) return accountOf(person, ({ dms }) => dms, false);
      return accountOf(person, () => channels.lounge, true);
    },
    async close() {
      await adapter.stop();
      await discord.stop();
    },
  };
}

function reaction(told: string | null, isCardChanged: boolean): Reaction {
  return { told, isCardChanged };
}

function textOf({ message }: { readonly message: SeenMessage | null }): string | null {
  return message?.text ?? null;
}

function copyTo(place: Place, { components, flags }: SeenMessage): SeenMessage {
  return place.postAsBot({ components, flags });
}

/** As an earlier version did: what is registered everywhere is offered in other servers and in conversations of two. */
async function registerEverywhere({ discord }: Awaited<ReturnType<typeof openServer>>): Promise<void> {
  const commands = discord.commands.map(({ name, description, options }) => ({
    name,
    description,
    options,
    contexts: [0, 1],
  }));
  const answer = await fetch(`${discord.apiUrl}/v10/applications/${discord.applicationId}/commands`, {
    method: 'PUT',
    headers: {
      authorization: `Bot ${discord.token}`,
      'content-type': 'application/json',
      'user-agent': 'DiscordBot (https://example.com, 1)',
    },
    body: JSON.stringify(commands),
  });
  if (!answer.ok) throw new Error(await answer.text());
}
