import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderCard as renderForDiscord } from '../../src/adapters/discord/render-card.ts';
import { renderCard as renderForSlack } from '../../src/adapters/slack/render-card.ts';
import type { Card } from '../../src/core/card.ts';
import { openBrowser } from '../../test/support/browser.ts';
import { playSupportCase, type SupportCase } from './case.ts';
import { discordStyle, drawDiscordMessage } from './discord-page.ts';
import { drawSlackMessage, slackStyle } from './slack-page.ts';

/** How a chat looks, and what it makes of a card. */
interface Look {
  readonly surface: 'discord' | 'slack';
  readonly style: string;
  readonly draw: (card: Card) => string;
}

const looks: readonly Look[] = [
  {
    surface: 'discord',
    style: discordStyle,
    draw: (card) => drawDiscordMessage(renderForDiscord(card), card.madeAt),
  },
  { surface: 'slack', style: slackStyle, draw: (card) => drawSlackMessage(renderForSlack(card)) },
];

/**
 * Draws what Discord and Slack show of one support case. The messages are those that the bot sends, drawn after each
 * platform's measures in the fonts of this machine, one of which has to have coloured symbols.
 */
export async function drawChats(folder: string): Promise<void> {
  const browser = await openBrowser();
  for (const look of looks) {
    const played = await playSupportCase({ surface: look.surface, id: '1', name: 'Sam', role: 'support' });
    const page = await browser.newPage({ viewport: { width: 1000, height: 400 } });
    await page.setContent(pageOf(played, look));
    writeFileSync(join(folder, `${look.surface}.png`), await page.screenshot({ fullPage: true }));
    await page.close();
  }
  await browser.close();
}

function pageOf({ who, asked, underWay, outcome }: SupportCase, { style, draw }: Look): string {
  const time = asked.madeAt.toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit' });
  const message = (caption: string, card: Card): string =>
    `<section><div class="caption">${caption}</div><div class="message"><div class="avatar">🩺</div><div>
      <div class="head"><span class="name">pterodoc</span><span class="app">APP</span><span class="when">${time}</span></div>
      ${draw(card)}</div></div></section>`;
  return `<!doctype html><meta charset="utf-8"><style>${layout}${style}</style>
    <div class="column">${message(`Sam asks: <b>/server-status ${who}</b>`, asked)}</div>
    <div class="column">
      ${message('The same message, while it is being repaired', underWay)}
      ${message('and as it stays, for everybody in the channel', outcome)}
    </div>`;
}

const layout = `
  * { box-sizing: border-box; }
  body { margin: 0; padding: 20px; display: grid; grid-template-columns: 1fr 1fr; gap: 20px 24px; }
  .column { display: flex; flex-direction: column; gap: 20px; min-width: 0; }
  .caption { font-size: 13px; line-height: 18px; margin-bottom: 8px; }
  .message { display: grid; grid-template-columns: 40px 1fr; gap: 0 12px; }
  .message > div { min-width: 0; }
  .avatar { width: 40px; height: 40px; display: grid; place-items: center; font-size: 22px; }
  .head { display: flex; gap: 6px; align-items: center; margin-bottom: 4px; }
`;
