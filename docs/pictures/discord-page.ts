import {
  type APIButtonComponent,
  type APIComponentInContainer,
  type APIContainerComponent,
  ButtonStyle,
  ComponentType,
} from 'discord.js';
import type { Content } from '../../src/adapters/discord/render-card.ts';
import { escapeHtml, relativeWords } from './html.ts';

/** What Discord's dark theme makes of a message of components. */
export function drawDiscordMessage({ components }: Content, now: Date): string {
  return components.map((container) => containerHtml(container, now)).join('');
}

function containerHtml({ accent_color, components }: APIContainerComponent, now: Date): string {
  const colour = `#${(accent_color ?? 0).toString(16).padStart(6, '0')}`;
  const parts = components.map((component) => componentHtml(component, now)).join('');
  return `<div class="container" style="--accent: ${colour}">${parts}</div>`;
}

function componentHtml(component: APIComponentInContainer, now: Date): string {
  switch (component.type) {
    case ComponentType.TextDisplay:
      return `<div class="text">${markdownHtml(component.content, now)}</div>`;
    case ComponentType.Separator:
      return component.divider === false ? '<div class="gap"></div>' : '<hr>';
    case ComponentType.ActionRow:
      return `<div class="row">${component.components
        .map((one) =>
          one.type === ComponentType.Button
            ? buttonHtml(one)
            : `<span class="select">${escapeHtml('placeholder' in one ? (one.placeholder ?? '') : '')}</span>`,
        )
        .join('')}</div>`;
    default:
      throw new Error(`nothing here draws components of type ${component.type}`);
  }
}

const buttonClasses: Readonly<Record<ButtonStyle, string>> = {
  [ButtonStyle.Primary]: 'primary',
  [ButtonStyle.Secondary]: 'secondary',
  [ButtonStyle.Success]: 'success',
  [ButtonStyle.Danger]: 'danger',
  [ButtonStyle.Link]: 'secondary',
  [ButtonStyle.Premium]: 'primary',
};

function buttonHtml(button: APIButtonComponent): string {
  const label = 'label' in button ? (button.label ?? '') : '';
  return `<span class="button ${buttonClasses[button.style]}">${escapeHtml(label)}</span>`;
}

/** As much of Discord's Markdown as the cards are written in. */
function markdownHtml(content: string, now: Date): string {
  return content
    .split('\n')
    .map((line) => {
      const [, mark = '', words = line] = /^(### |-# |- )?(.*)$/s.exec(line) ?? [];
      const inner = inlineHtml(words, now);
      switch (mark) {
        case '### ':
          return `<h3>${inner}</h3>`;
        case '-# ':
          return `<div class="small">${inner}</div>`;
        case '- ':
          return `<div class="item">${inner}</div>`;
        default:
          return `<div>${inner}</div>`;
      }
    })
    .join('');
}

const inline = /\\([\s\S])|\*\*((?:\\[\s\S]|[^\\])*?)\*\*|`([^`]+)`|\[((?:\\.|[^\]])*)\]\(<[^>]*>\)|<t:(\d+):R>/g;

function inlineHtml(words: string, now: Date): string {
  let html = '';
  let from = 0;
  for (const found of words.matchAll(inline)) {
    const [whole, escaped, bold, code, link, seconds] = found;
    html += escapeHtml(words.slice(from, found.index));
    from = found.index + whole.length;
    if (escaped !== undefined) html += escapeHtml(escaped);
    else if (bold !== undefined) html += `<b>${inlineHtml(bold, now)}</b>`;
    else if (code !== undefined) html += `<code>${escapeHtml(code)}</code>`;
    else if (link !== undefined) html += `<a>${inlineHtml(link, now)}</a>`;
    else html += `<time>${relativeWords(new Date(1000 * Number(seconds)), now)}</time>`;
  }
  return html + escapeHtml(words.slice(from));
}

/** The measures and colours of Discord's dark theme. */
export const discordStyle = `
  body { background: #313338; color: #dbdee1; font: 16px/22px 'gg sans', 'Open Sans', 'Noto Sans', sans-serif; }
  .caption, .caption b { color: #949ba4; }
  .head .name { color: #f2f3f5; font-weight: 500; }
  .head .app { background: #5865f2; color: #fff; border-radius: 4px; font-size: 12px; line-height: 16px; padding: 0 5px; }
  .head .when { color: #949ba4; font-size: 12px; }
  .avatar { border-radius: 50%; background: #5865f2; }
  .container { position: relative; background: #2b2d31; border: 1px solid #3f4147; border-radius: 8px; overflow: hidden; padding: 16px 16px 16px 19px; display: flex; flex-direction: column; gap: 8px; }
  .container::before { content: ''; position: absolute; inset: 0 auto 0 0; width: 4px; background: var(--accent); }
  .text { overflow-wrap: anywhere; }
  h3 { font-size: 18px; line-height: 24px; font-weight: 700; color: #f2f3f5; margin: 0 0 4px; }
  b { font-weight: 700; color: #f2f3f5; }
  .small { font-size: 13px; line-height: 18px; color: #949ba4; }
  .item { padding-left: 20px; position: relative; }
  .item::before { content: '•'; position: absolute; left: 6px; }
  code { background: #1e1f22; border-radius: 4px; padding: 0 4px; font: 13.6px/18px 'gg mono', Consolas, 'DejaVu Sans Mono', monospace; }
  time { background: #4e50583d; border-radius: 3px; padding: 0 2px; }
  a { color: #00a8fc; }
  hr { width: 100%; border: 0; border-top: 1px solid #3f4147; margin: 2px 0; }
  .row { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 2px; }
  .button { border-radius: 8px; padding: 4px 15px; font-size: 14px; line-height: 24px; font-weight: 500; color: #fff; }
  .primary { background: #5865f2; } .secondary { background: #4e5058; } .success { background: #248046; } .danger { background: #da373c; }
  .select { flex: 1; background: #1e1f22; border: 1px solid #3f4147; border-radius: 8px; color: #949ba4; padding: 8px 12px; }
`;
