import type { types } from '@slack/bolt';
import type { Content } from '../../src/adapters/slack/render-card.ts';
import { escapeHtml } from './html.ts';

/** What Slack's light theme makes of the blocks of a message. */
export function drawSlackMessage({ blocks }: Content): string {
  return blocks.map((block) => `<div class="block ${block.type}">${blockHtml(block)}</div>`).join('');
}

function blockHtml(block: types.KnownBlock): string {
  switch (block.type) {
    case 'header':
      return escapeHtml(block.text.text);
    case 'section':
      return escapeHtml(block.text?.text ?? '');
    case 'divider':
      return '<hr>';
    case 'rich_text':
      return block.elements.map(elementHtml).join('');
    case 'context':
      return block.elements
        .map((element) => `<span>${element.type === 'image' ? '' : contextHtml(element)}</span>`)
        .join('');
    case 'actions':
      return block.elements
        .map((element) => {
          if (element.type === 'button') {
            return `<span class="button ${element.style ?? 'plain'}">${escapeHtml(element.text.text)}</span>`;
          }
          if (element.type !== 'static_select') throw new Error(`nothing here draws a ${element.type}`);
          return `<span class="button plain select">${escapeHtml(element.placeholder?.text ?? '')}</span>`;
        })
        .join('');
    default:
      throw new Error(`nothing here draws blocks of type ${block.type}`);
  }
}

function elementHtml(element: types.RichTextBlockElement): string {
  switch (element.type) {
    case 'rich_text_list':
      return `<ul>${element.elements.map((item) => `<li>${piecesHtml(item.elements)}</li>`).join('')}</ul>`;
    case 'rich_text_quote':
      return `<blockquote>${piecesHtml(element.elements)}</blockquote>`;
    case 'rich_text_preformatted':
      return `<pre>${piecesHtml(element.elements)}</pre>`;
    case 'rich_text_section':
      return `<p>${piecesHtml(element.elements)}</p>`;
  }
}

function piecesHtml(pieces: readonly types.RichTextElement[]): string {
  return pieces
    .map((piece) => {
      switch (piece.type) {
        case 'text':
          return styled(escapeHtml(piece.text).replaceAll('\n', '<br>'), piece.style);
        case 'link':
          return `<a>${escapeHtml(piece.text ?? piece.url)}</a>`;
        case 'date':
          return dateWords(piece.timestamp, piece.format);
        default:
          throw new Error(`nothing here draws a ${piece.type}`);
      }
    })
    .join('');
}

function styled(html: string, style: types.RichTextStyleable['style'] = {}): string {
  const bold = style.bold === true ? `<b>${html}</b>` : html;
  const italic = style.italic === true ? `<i>${bold}</i>` : bold;
  return style.code === true ? `<code>${italic}</code>` : italic;
}

function contextHtml(text: types.PlainTextElement | types.MrkdwnElement): string {
  if (text.type === 'plain_text') return escapeHtml(text.text);
  return text.text.replace(/<!date\^(\d+)\^([^|]*)\|[^>]*>/g, (_, seconds: string, format: string) =>
    dateWords(Number(seconds), format),
  );
}

/** As a reader sees it to whom it is still the same day. */
function dateWords(seconds: number, format: string): string {
  const time = new Date(1000 * seconds).toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit' });
  return escapeHtml(
    format.replace(/\{date_short_pretty\}|\{time\}/g, (token) => (token === '{time}' ? time : 'today')),
  );
}

/** The measures and colours of Slack's light theme. */
export const slackStyle = `
  body { background: #fff; color: #1d1c1d; font: 15px/22px 'Slack-Lato', Lato, 'Open Sans', sans-serif; }
  .caption { color: #616061; }
  .head .name { font-weight: 900; }
  .head .app { background: #1d1c1d1a; color: #454447; border-radius: 2px; font-size: 10px; line-height: 14px; font-weight: 700; padding: 0 3px; }
  .head .when { color: #616061; font-size: 12px; }
  .avatar { border-radius: 8px; background: #1f2937; }
  .block { margin-bottom: 8px; overflow-wrap: anywhere; }
  .header { font-size: 18px; line-height: 24px; font-weight: 900; }
  p { margin: 0; white-space: pre-wrap; } p + ul, ul + p { margin-top: 2px; }
  ul { margin: 0; padding-left: 26px; }
  b { font-weight: 900; }
  code { border: 1px solid #1d1c1d21; border-radius: 3px; background: #1d1c1d0a; color: #c01343; padding: 1px 3px; font: 12px/18px Monaco, Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
  blockquote { margin: 0; border-left: 4px solid #ddd; padding-left: 12px; }
  a { color: #1264a3; }
  hr { border: 0; border-top: 1px solid #1d1c1d21; margin: 12px 0; }
  .context { display: flex; flex-wrap: wrap; gap: 8px; color: #616061; font-size: 12px; line-height: 18px; }
  .actions { display: flex; flex-wrap: wrap; gap: 8px; }
  .button { border: 1px solid #1d1c1d4d; border-radius: 8px; padding: 0 12px; font-size: 13px; line-height: 28px; font-weight: 700; }
  .button.primary { background: #007a5a; border-color: #007a5a; color: #fff; } .button.danger { background: #e01e5a; border-color: #e01e5a; color: #fff; }
  .button.select { font-weight: 400; } .button.select::after { content: ' ⌄'; }
`;
