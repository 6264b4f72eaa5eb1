import { Client, type ClientOptions, GatewayIntentBits, type Interaction, MessageFlags } from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Discord, type GuildDirector, type Member, type Place, startDiscord } from '../platforms/discord/index.ts';

let discord: Discord;
let guild: GuildDirector;
let channel: Place;
let ada: Member;
const clients: Client[] = [];

beforeEach(async () => {
  discord = await startDiscord();
  guild = discord.guild({ name: 'Acme' });
  channel = guild.channel('support');
  ada = guild.member('ada');
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.destroy()));
  await discord.stop();
});

async function bot(
  handle: (interaction: Interaction) => unknown = () => undefined,
  options: Partial<ClientOptions> = {},
): Promise<Client<true>> {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    rest: { api: discord.apiUrl },
    waitGuildTimeout: 200,
    ...options,
  });
  clients.push(client);
  client.on('error', () => undefined);
  client.on('interactionCreate', (interaction) => void Promise.resolve(handle(interaction)));
  const ready = new Promise<Client<true>>((resolve) => client.once('clientReady', resolve));
  await client.login(discord.token);
  return ready;
}

const serverStatus = {
  name: 'server-status',
  description: 'Explain why a customer has no server',
  options: [{ type: 3, name: 'who', description: 'E-mail', required: true }],
};

describe('the real client', () => {
  it('sees a deferral and the edit after it as the person does', async () => {
    const client = await bot(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.deferReply({ flags: MessageFlags.Ephemeral });
      await interaction.editReply(`Nothing known about ${interaction.options.getString('who', true)}`);
    });
    await client.application.commands.set([serverStatus], guild.id);
    const asked = await ada.slash('server-status', { who: 'eve@example.com' }, channel);
    expect(asked.kind).toBe('deferred-message');
    expect(asked.isEphemeral).toBe(true);
    expect(asked.firstAnswerMs).toBeLessThan(1000);
    expect(asked.message?.text).toBe('Nothing known about eve@example.com');
    expect(channel.messages()).toEqual([]);
  });
});
