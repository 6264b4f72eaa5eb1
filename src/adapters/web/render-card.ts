import {
  type Block,
  type Button,
  type Card,
  type Field,
  type PathStep,
  type Select,
  type StepState,
  toneWords,
} from '../../core/card.ts';
import { unreachable } from '../../core/result.ts';
import { attribute, html, type Html } from './html.ts';
import { icon, stateIcons, toneIcons } from './icons.ts';
import { agoTag, momentTag } from './times.ts';

/** What all parts of one card share. */
interface Sheet {
  /** Unique on the page: labels refer to it. */
  readonly id: string;
  readonly madeAt: Date;
}

/** A card as HTML: nothing in it is markup but what is written here. */
export function renderCard(card: Card, id: string): string {
  const sheet: Sheet = { id, madeAt: card.madeAt };
  const parts = [
    head(card, sheet),
    ...(card.path === undefined ? [] : [pathList(card.path)]),
    ...card.blocks.map((block) => blockPart(block, sheet)),
    ...(card.select === undefined ? [] : [selectPart(card.select, sheet)]),
    ...buttonRow(card.buttons ?? []),
    html`<p class="made">As of ${agoTag(card.madeAt, card.madeAt)}</p>`,
  ];
  const body = { markup: parts.map(({ markup }) => markup).join('\n') };
  // No landmark: two cards may say the same.
  return html`<div class="card" data-tone="${card.tone}">${body}</div>`.markup;
}

function head({ tone, title, summary }: Card, { id }: Sheet): Html {
  return html`<p class="tone">${icon(toneIcons[tone])}${toneWords[tone]}</p>
    <h2 id="${id}-title">${titlePart(title)}</h2>
    <p class="summary">${summary}</p>`;
}

/** A code at the start is what people search and quote: it is set apart. */
function titlePart(title: string): Html {
  const code = /^[A-Z]{3,4}-\d{3}(?= )/.exec(title)?.[0];
  return code === undefined ? html`${title}` : html`<span class="code">${code}</span> ${title.slice(code.length)}`;
}

const stateWords: Readonly<Record<StepState, string>> = {
  passed: 'passed',
  current: 'under way',
  broken: 'broken',
  unknown: 'not known',
  pending: 'not yet',
  skipped: 'left out',
};

function pathList(path: readonly PathStep[]): Html {
  const steps = path.map(
    ({ stage, state }) =>
      html`<li data-state="${state}" ${state === 'broken' || state === 'current' ? html`aria-current="step"` : null}>
        <span class="mark">${icon(stateIcons[state])}</span><span class="stage">${stage}</span>
        <span class="state">${stateWords[state]}</span>
      </li> `,
  );
  return html`<ol class="path" aria-label="The path of the purchase">
    ${steps}
  </ol>`;
}

function blockPart(block: Block, sheet: Sheet): Html {
  switch (block.kind) {
    case 'paragraph':
      return html`<div class="block">
        ${heading(block.heading)}
        <p>${block.body}</p>
      </div>`;
    case 'fields':
      return html`<div class="block">
        ${heading(block.heading)}
        <dl>${block.fields.map((field) => fieldPart(field, sheet))}</dl>
      </div>`;
    case 'table':
      return tablePart(block, sheet);
    case 'progress':
      return progressPart(block);
    case 'image':
      return html`<div class="block">${imagePart(block.url, block.alt)}</div>`;
    default:
      return unreachable(block);
  }
}

function heading(words: string | undefined): Html | null {
  return words === undefined ? null : html`<h3>${words}</h3>`;
}

function fieldPart({ label, value, at, link }: Field, { madeAt }: Sheet): Html {
  const linked = link === undefined ? html`<bdi>${value}</bdi>` : linkPart(link, html`<bdi>${value}</bdi>`);
  const moment = at === undefined ? null : html` <span class="at">${agoTag(at, madeAt)}</span>`;
  return html`<div class="field">
    <dt>${label}</dt>
    <dd>${linked}${moment}</dd>
  </div> `;
}

function tablePart(block: Extract<Block, { kind: 'table' }>, { madeAt }: Sheet): Html {
  const cell = (value: (typeof block.rows)[number][number]): Html =>
    html`<td>${value instanceof Date ? momentTag(value, madeAt) : html`<bdi>${value}</bdi>`}</td>`;
  const name = block.heading ?? block.columns.join(', ');
  // What scrolls must be reachable with the keyboard, and say what it is.
  return html`<div class="block">
    ${heading(block.heading)}
    <div class="table" role="group" aria-label="${name}" tabindex="0">
      <table>
        <thead>
          <tr>
            ${block.columns.map((column) => html`<th scope="col">${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${block.rows.map(
            (row) =>
              html`<tr>
                ${row.map(cell)}
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
  </div>`;
}

function progressPart({ label, done, total }: Extract<Block, { kind: 'progress' }>): Html {
  const most = Math.max(1, total);
  const words = html`${done} of ${total} ${label}`;
  return html`<div class="block">
    <label class="progress"
      ><progress value="${Math.min(Math.max(0, done), most)}" max="${most}">${words}</progress>
      <span>${words}</span></label
    >
  </div>`;
}

/** The page loads nothing from elsewhere: what is not part of the message itself stays a link. */
function imagePart(url: string, alt: string): Html {
  if (/^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]*$/.test(url)) {
    return html`<img src="${attribute(url)}" alt="${alt}" />`;
  }
  return html`<p>Image: ${linkPart(url, html`${alt}`)}</p>`;
}

function selectPart({ label, options }: Select, { id }: Sheet): Html {
  const items = options.map(({ value, label: name, description }) => {
    const more = description === undefined ? null : html`: ${description}`;
    return html`<option value="${attribute(value)}">${name}${more}</option>`;
  });
  return html`<div class="choice">
    <label for="${id}-choice">${label}</label
    ><select id="${id}-choice">
      ${items}</select
    ><button type="button" class="button" data-choose="${id}-choice" data-style="plain">Show</button>
  </div>`;
}

function buttonRow(buttons: readonly Button[]): readonly Html[] {
  if (buttons.length === 0) return [];
  const row = buttons.map((button) =>
    button.kind === 'link'
      ? linkPart(button.url, html`${button.label}`, 'button')
      : html`<button type="button" class="button" data-offer="${attribute(button.id)}" data-style="${button.style}">
          ${button.label}
        </button>`,
  );
  return [html`<div class="buttons">${row}</div>`];
}

/** Whatever is not plainly a web address is shown, but leads nowhere. */
function linkPart(url: string, words: Html, className = 'link'): Html {
  if (!isWebAddress(url)) return className === 'link' ? words : html`<span>${words}</span>`;
  return html`<a class="${className}" href="${attribute(url)}" target="_blank" rel="noopener noreferrer">${words}</a>`;
}

function isWebAddress(url: string): boolean {
  return /^https?:\/\//i.test(url) && URL.canParse(url);
}
