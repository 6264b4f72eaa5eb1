import { loadavg } from 'node:os';
import { openChat } from './chat.ts';
import type { ChatWay } from './chat-platform.ts';
import { median, print, quantile } from './measure.ts';

const askers = 200;
const warmUps = 3;
const pairs = 31;

/**
 * 200 commands at the same moment: how long the last of them wait for their first answer, from pterodoc's adapters and
 * from programs of a few lines on Bolt and discord.js. Each has a platform of its own; they are measured in turns.
 */
export async function benchChats(): Promise<void> {
  for (const way of ['slack-socket', 'slack-http', 'discord'] as const) await benchWay(way);
}

async function benchWay(way: ChatWay): Promise<void> {
  const [bare, ours] = await Promise.all([openChat(way, 'bare'), openChat(way, 'pterodoc')]);
  const figures: { readonly bareMs: number; readonly oursMs: number }[] = [];
  for (let turn = 0; turn < warmUps + pairs; turn += 1) {
    const p95 = async (chat: typeof bare): Promise<number> => quantile(await chat.burst(askers), 0.95);
    // Whoever is second meets a machine that has just worked: each is so in every other turn.
    const isBareFirst = turn % 2 === 0;
    const first = await p95(isBareFirst ? bare : ours);
    const second = await p95(isBareFirst ? ours : bare);
    const pair = isBareFirst ? { bareMs: first, oursMs: second } : { bareMs: second, oursMs: first };
    if (turn >= warmUps) figures.push(pair);
  }
  const ratios = figures.map(({ oursMs, bareMs }) => oursMs / bareMs);
  print(
    `chats, ${way}: p95 of the first answer of ${askers} at once ` +
      `${median(figures.map(({ oursMs }) => oursMs)).toFixed(0)} ms; ` +
      `a bare program ${median(figures.map(({ bareMs }) => bareMs)).toFixed(0)} ms; ` +
      `ratio of ${pairs} pairs: median ${median(ratios).toFixed(2)}, ` +
      `middle half ${quantile(ratios, 0.25).toFixed(2)} to ${quantile(ratios, 0.75).toFixed(2)}; ` +
      `${ours.troubles()} troubles (bare ${bare.troubles()}); load ${(loadavg()[0] ?? 0).toFixed(1)}`,
  );
  bare.close();
  ours.close();
}
