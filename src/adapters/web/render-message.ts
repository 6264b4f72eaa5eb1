import { type Card, toneWords } from '../../core/card.ts';
import type { Message, Window } from './channel.ts';
import { html, type Html } from './html.ts';
import { isStaff, type Persona } from './personas.ts';
import { renderCard } from './render-card.ts';
import { momentTag } from './times.ts';
import type { MessageView } from './wire.ts';

/** A message as one window may see it: what was typed may name a person in full, so it is shown to its writer alone. */
export function viewOf(message: Message, window: Window, now: Date): MessageView {
  const { id, order, reply } = message;
  return {
    id,
    order,
    html: html`<article class="message" id="${id}" data-order="${order}" tabindex="-1" aria-labelledby="${id}-by">
      ${requestPart(message, window, now)}
      <div class="reply">
        <p class="by" id="${id}-by">
          <span class="avatar" data-who="bot" aria-hidden="true">p</span><b>pterodoc</b>
          <span class="badge">bot</span>${privacyPart(message, window)}
        </p>
        ${replyPart(message)}
      </div>
    </article>`.markup,
    announce: reply.kind === 'looking' ? null : `pterodoc: ${announcementOf(reply.card)}`,
  };
}

/** The first letter and a hue of one's own, so that several people can be told apart at a glance. */
export function avatar({ id, name }: Persona): Html {
  return html`<span class="avatar" data-who="${id}" aria-hidden="true">${name.slice(0, 1)}</span>`;
}

function requestPart({ request, asker, at }: Message, window: Window, now: Date): Html {
  const who = html`${avatar(asker.persona)}<b>${asker.persona.name}</b>`;
  const when = momentTag(at, now);
  if (request.kind === 'press') {
    return html`<p class="by request">
      ${who} <span class="did">pressed a button on “${request.title}”</span> ${when}
    </p>`;
  }
  return asker.key === window.key
    ? html`<p class="by request">${who} ${when}</p>
        <p class="typed">${request.line}</p>`
    : html`<p class="by request">
        ${who} <span class="did">asked with <code>/${request.command}</code></span> ${when}
      </p>`;
}

/** Between two who speak alone it goes without saying. */
function privacyPart({ reply }: Message, { persona }: Window): Html | null {
  const isApart = isStaff(persona) && reply.kind === 'card' && reply.visibility === 'private';
  return isApart ? html` <span class="only">Only you can see this</span>` : null;
}

function replyPart({ id, reply }: Message): Html {
  if (reply.kind === 'card') return { markup: renderCard(reply.card, `${id}-card`) };
  return html`<p class="looking">
    <span class="spinner" aria-hidden="true"></span>Looking at the payment, the order, the panel and the logs …
  </p>`;
}

function announcementOf({ tone, title, summary }: Card): string {
  return `${toneWords[tone]}: ${title}. ${summary}`;
}
