import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Events, GatewayIntentBits, MessageFlags } from 'discord.js';
import { createDiscordAdapter } from '../src/adapters/discord/index.ts';
import { createSlackAdapter } from '../src/adapters/slack/index.ts';
import { createWebAdapter } from '../src/adapters/web/index.ts';
import { type Card, text } from '../src/core/card.ts';
import type { ChatDeps } from '../src/core/chat.ts';
import { systemClock } from '../src/core/clock.ts';
import type { CommandCall, Desk, Press } from '../src/core/desk.ts';
import { cards } from '../test/builders/cards.ts';
import { startBareBolt } from '../test/platforms/slack/bare-bolt.ts';
import type { ChatAccess } from './chat-platform.ts';
import { answerParent } from './process.ts';

/** Pterodoc's adapter, or as little as the platform's own library lets a program be. */
export type ProgramKind = 'pterodoc' | 'bare';

export type ProgramQuestion =
  | { readonly kind: 'open'; readonly program: ProgramKind; readonly access: ChatAccess }
  | { readonly kind: 'memory' };

export interface ProgramAnswer {
  /** Where it listens for Slack; `null`: it does not. */
  readonly url: string | null;
  /** After everything that can be collected was collected. */
  readonly memory: { readonly rss: number; readonly heap: number };
}

/** The answer of every desk here, bare ones included, takes this long. */
const answerAfterMs = 50;

async function openBare(access: ChatAccess): Promise<string | null> {
  if (access.chat === 'slack') {
    let url: string | null = null;
    const place = {
      ...access,
      appToken: access.appToken ?? '',
      state: { app: { isSocketMode: access.appToken !== null } },
      requestUrl: {
        async verify(found: string) {
          url = found;
        },
      },
    };
    await startBareBolt(place, (app) => {
      app.command('/server-status', async ({ ack, respond }) => {
        await ack();
        await sleep(answerAfterMs);
        await respond('Nothing is wrong.');
      });
    });
    return url;
  }
  const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api: access.apiUrl } });
  client.on(Events.InteractionCreate, async (interaction) => {
    if (!interaction.isChatInputCommand()) return;
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await sleep(answerAfterMs);
    await interaction.editReply('Nothing is wrong.');
  });
  const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve));
  await client.login(access.token);
  await ready;
  await client.application?.commands.set(
    [
      {
        name: 'server-status',
        description: 'Say where a purchase broke',
        options: [{ type: 3, name: 'who', description: 'An e-mail address', required: true }],
      },
    ],
    access.guildId,
  );
  return null;
}

/** Answers every command with the same long card, which says what was asked, and has a button. */
function openDesk(): Desk {
  const cardOf = (words: string): Card => ({
    ...(cards['no-room'] ?? { tone: 'bad', title: 'CAP-001', blocks: [] }),
    summary: words,
    buttons: [{ kind: 'press', id: words, label: 'Re-check', style: 'plain' }],
    madeAt: new Date(),
  });
  return {
    commands: [
      {
        name: 'server-status',
        summary: 'Say where a purchase broke, why, and what to do',
        inputs: [{ name: 'who', summary: 'e-mail, order id, panel server id or Stripe id', isRequired: true }],
      },
    ],
    async run({ input, place }: CommandCall) {
      await sleep(answerAfterMs);
      const number = input['who']?.split(' ')[1] ?? '';
      return { card: cardOf(`no. ${number}.`), visibility: place === 'staff' ? 'channel' : 'private' };
    },
    async press({ offerId }: Press, show: (card: Card) => void) {
      const number = /\d+/.exec(offerId)?.[0] ?? '';
      show({
        tone: 'busy',
        title: 'Under way',
        summary: text(`no. ${number}, looking.`),
        blocks: [],
        madeAt: new Date(),
      });
      await sleep(answerAfterMs);
      return { kind: 'card', card: cardOf(`no. ${number}, again.`) };
    },
  };
}

async function openPterodoc(access: ChatAccess): Promise<string | null> {
  const desk = openDesk();
  const complain = (words: string): void => void process.stderr.write(`${words}\n`);
  const deps: ChatDeps = {
    desk,
    clock: systemClock,
    log: {
      info: () => undefined,
      warn: complain,
      bug(error) {
        complain(error instanceof Error ? (error.stack ?? error.message) : String(error));
        return 'bug';
      },
    },
    lost: complain,
  };
  if (access.chat === 'discord') {
    await createDiscordAdapter(
      {
        token: access.token,
        guildId: access.guildId,
        supportChannelIds: [access.supportChannelId],
        roleIds: { support: [access.staffRoleId], operator: [], admin: [] },
        apiUrl: access.apiUrl,
      },
      deps,
    ).start();
    return null;
  }
  const { appToken, signingSecret, botToken, apiUrl, supportChannelId, staffIds } = access;
  const adapter = createSlackAdapter(
    {
      botToken,
      apiUrl,
      connection: appToken === null ? { kind: 'http', signingSecret } : { kind: 'socket', appToken, secondAfterMs: 0 },
      supportChannelIds: [supportChannelId],
      roleIds: { support: staffIds, operator: [], admin: [] },
    },
    deps,
  );
  await adapter.start();
  if (adapter.requests === null) return null;
  // The server of the program itself, as it stands before Slack's side of it.
  const web = createWebAdapter(
    { host: '127.0.0.1', port: 0, publicUrl: null, sandbox: null },
    { desk, clock: systemClock, mounted: adapter.requests, reportBug: deps.log.bug },
  );
  const { url } = await web.start();
  return `${url}${adapter.requests.path}`;
}

answerParent<ProgramQuestion, ProgramAnswer>(async (question) => {
  const opens = question.kind === 'open';
  const open = opens && question.program === 'bare' ? openBare : openPterodoc;
  const url = opens ? await open(question.access) : null;
  for (let round = 0; round < 3; round += 1) {
    await sleep(50);
    globalThis.gc?.();
  }
  const { rss, heapUsed } = process.memoryUsage();
  return { url, memory: { rss, heap: heapUsed } };
});
