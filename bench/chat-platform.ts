import { setTimeout as sleep } from 'node:timers/promises';
import { startDiscord } from '../test/platforms/discord/index.ts';
import { aManifest, startSlack } from '../test/platforms/slack/index.ts';
import { answerParent } from './process.ts';

/** A chat platform, and the way from it to the program. */
export type ChatWay = 'slack-socket' | 'slack-http' | 'discord';

/** What a program needs to find its platform, and staff and a support channel in it. */
export type ChatAccess =
  | {
      readonly chat: 'slack';
      readonly apiUrl: string;
      readonly botToken: string;
      readonly signingSecret: string;
      /** `null`: the platform calls the program over HTTP. */
      readonly appToken: string | null;
      readonly supportChannelId: string;
      readonly staffIds: readonly string[];
    }
  | {
      readonly chat: 'discord';
      readonly apiUrl: string;
      readonly token: string;
      readonly guildId: string;
      readonly supportChannelId: string;
      readonly staffRoleId: string;
    };

export type PlatformQuestion =
  | { readonly kind: 'open'; readonly way: ChatWay }
  /** Resolves once the program is connected; `url`: where it listens for Slack. */
  | { readonly kind: 'connected'; readonly url: string | null }
  /** All commands at the same moment. */
  | { readonly kind: 'burst'; readonly commands: number }
  /** Commands and presses, a number of them under way at any time. */
  | { readonly kind: 'stream'; readonly commands: number };

export interface PlatformAnswer {
  readonly access: ChatAccess | null;
  /** Milliseconds to the first answer of each command. */
  readonly firstMs: readonly number[];
  /** Commands that were not answered as they should be, and requests the platform refused. */
  readonly troubles: number;
}

/** What a platform is asked to do. */
interface Stage {
  readonly access: ChatAccess;
  connected(url: string | null): Promise<void>;
  burst(commands: number): Promise<Outcome>;
  /** One command of a stream, and for some of them a press on the answer. */
  one(index: number): Promise<boolean>;
  forget(): number;
}

interface Outcome {
  readonly firstMs: readonly number[];
  readonly failures: number;
}

const staff = ['sam', 'sid', 'olga', 'ada', 'casey'] as const;
const command = '/server-status';
const who = 'finn@example.com';
const underWayAtOnce = 20;
const forgetEvery = 100;
const burstMs = 60_000;

async function openSlack(isSocketMode: boolean): Promise<Stage> {
  const slack = await startSlack({
    rateLimits: 'off',
    manifest: aManifest(isSocketMode ? {} : { url: 'https://bot.example/slack/events' }),
  });
  const { people, channels } = slack.workspace({
    users: { sam: {}, sid: {}, olga: {}, ada: {}, casey: {} },
    channels: { support: { members: staff }, lounge: { members: staff } },
  });
  const personOf = (index: number) => people[staff[index % staff.length] ?? 'sam'];
  const answers = (): number => slack.state.messages.filter(({ kind }) => kind === 'app').length;
  return {
    access: {
      chat: 'slack',
      apiUrl: slack.apiUrl,
      botToken: slack.botToken,
      signingSecret: slack.signingSecret,
      appToken: isSocketMode ? slack.appToken : null,
      supportChannelId: channels.support.id,
      staffIds: staff.map((name) => people[name].id),
    },
    connected: (url) => (url === null ? slack.sockets.connected() : slack.requestUrl.verify(url)),
    async burst(commands) {
      const asked = await Promise.all(
        Array.from({ length: commands }, (_, index) => personOf(index).slash(command, who, channels.lounge)),
      );
      await until(() => answers() >= commands);
      return {
        firstMs: asked.map(({ ackMs }) => ackMs ?? Number.POSITIVE_INFINITY),
        failures: asked.filter(({ failure }) => failure !== null).length,
      };
    },
    async one(index) {
      const person = personOf(index);
      const isPublic = index % 2 === 0;
      const channel = isPublic ? channels.support : channels.lounge;
      const { failure } = await person.slash(command, `${who} ${index}`, channel);
      const shown = await person.sees(({ reads }) => reads.includes(`no. ${index}.`), channel, burstMs);
      if (index % 5 > 1) return failure === null;
      const pressed = await person.press(shown, 'Re-check');
      await person.sees(({ reads }) => reads.includes(`no. ${index}, again.`), channel, burstMs);
      return failure === null && pressed.failure === null;
    },
    forget() {
      const refused = slack.calls.filter(({ error }) => error !== null).length + slack.complaints.length;
      slack.forget();
      return refused;
    },
  };
}

async function openDiscord(): Promise<Stage> {
  const discord = await startDiscord();
  const endless = { limit: 1_000_000, windowMs: 1000 };
  for (const route of [
    'global',
    'POST /channels/:channel/messages',
    'PATCH /channels/:channel/messages/:message',
    'PUT /applications/:application/guilds/:guild/commands',
  ]) {
    discord.rateLimits.set(route, endless);
  }
  const guild = discord.guild({ name: 'Merchant' });
  const role = guild.role('support');
  const support = guild.channel('support', { onlyFor: [role] });
  const lounge = guild.channel('lounge');
  const people = staff.map((name) => guild.member(name, role));
  const personOf = (index: number) => people[index % people.length] ?? guild.member('one more', role);
  return {
    access: {
      chat: 'discord',
      apiUrl: discord.apiUrl,
      token: discord.token,
      guildId: guild.id,
      supportChannelId: support.id,
      staffRoleId: role.id,
    },
    connected: () => discord.until(() => discord.commands.length > 0),
    async burst(commands) {
      const asked = await Promise.all(
        Array.from({ length: commands }, (_, index) =>
          personOf(index).slash('server-status', { who }, lounge, { until: 'sent' }),
        ),
      );
      await discord.until(() => asked.every(({ edits, hasFailed }) => edits > 0 || hasFailed), burstMs);
      return {
        firstMs: asked.map(({ firstAnswerMs }) => firstAnswerMs ?? Number.POSITIVE_INFINITY),
        failures: asked.filter(({ hasFailed }) => hasFailed).length,
      };
    },
    async one(index) {
      const person = personOf(index);
      const isPublic = index % 2 === 0;
      const place = isPublic ? support : lounge;
      const asked = await person.slash('server-status', { who: `${who} ${index}` }, place, { until: 'sent' });
      const words = `no. ${index}.`;
      const find = () => person.visibleMessages(place).find(({ text }) => text.includes(words)) ?? null;
      await asked.settled(burstMs);
      const shown = find();
      if (asked.hasFailed || shown === null) return false;
      if (index % 5 > 1) return true;
      const pressed = await person.press(shown, 'Re-check', { until: 'sent' });
      await pressed.until(({ edits, hasFailed }) => edits > 1 || hasFailed, burstMs);
      return !pressed.hasFailed;
    },
    forget() {
      const refused = discord.requests.filter(({ status }) => (status ?? 0) >= 400).length;
      discord.forgetHistory();
      return refused;
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + burstMs;
  while (!holds()) {
    if (performance.now() > giveUpAt) throw new Error('not all commands were answered');
    await sleep(20);
  }
}

/** Keeps as many under way as there may be; what the platform remembers of them is forgotten between batches. */
async function stream({ one, forget }: Stage, commands: number, first: number): Promise<number> {
  let troubles = 0;
  for (let done = 0; done < commands; done += forgetEvery) {
    const end = Math.min(commands, done + forgetEvery);
    let next = done;
    await Promise.all(
      Array.from({ length: underWayAtOnce }, async () => {
        while (next < end) {
          next += 1;
          if (!(await one(first + next))) troubles += 1;
        }
      }),
    );
    troubles += forget();
  }
  return troubles;
}

let stage: Stage | null = null;
let sent = 0;

answerParent<PlatformQuestion, PlatformAnswer>(async (question) => {
  const nothing = { access: null, firstMs: [], troubles: 0 };
  if (question.kind === 'open') {
    stage = question.way === 'discord' ? await openDiscord() : await openSlack(question.way === 'slack-socket');
    return { ...nothing, access: stage.access };
  }
  if (stage === null) throw new Error('no platform was opened');
  switch (question.kind) {
    case 'connected':
      await stage.connected(question.url);
      return nothing;
    case 'burst': {
      const { firstMs, failures } = await stage.burst(question.commands);
      return { ...nothing, firstMs, troubles: failures + stage.forget() };
    }
    case 'stream': {
      const troubles = await stream(stage, question.commands, sent);
      sent += question.commands;
      return { ...nothing, troubles };
    }
  }
});
