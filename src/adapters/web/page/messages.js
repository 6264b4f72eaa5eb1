import { part } from './post.js';

/** @import { MessageView, Suggestion } from '../wire.ts' */

const log = part('#log', HTMLElement);
const blank = part('#blank', HTMLElement);
const announcer = part('#announcer', HTMLElement);
/** Rows that stay on the page. */
const mostShown = 300;
/** A reader this close to the end wants to see what comes. */
const nearEnd = 120;
const justNowMs = 5_000;

/** What was last said of each message.
 * @type {Map<string, string | null>} */
const said = new Map();

/** Server time minus the time of this machine. */
let aheadMs = 0;

/** @param {number} nowMs */
export function setClock(nowMs) {
  aheadMs = nowMs - Date.now();
}

/**
 * Begins with these messages, whatever was there before.
 *
 * @param {readonly MessageView[]} views
 * @param {readonly Suggestion[]} suggestions
 */
export function showAll(views, suggestions) {
  for (const row of rows()) row.remove();
  said.clear();
  showBlank(suggestions);
  for (const view of views) {
    said.set(view.id, view.announce);
    place(view);
  }
  log.setAttribute('aria-busy', 'false');
  renewTimes();
  log.scrollTop = log.scrollHeight;
}

/**
 * Shows a message that is new or has changed, and says so to screen readers.
 *
 * @param {MessageView} view
 */
export function show(view) {
  const isNear = log.scrollHeight - log.scrollTop - log.clientHeight < nearEnd;
  const isNew = !said.has(view.id);
  const row = place(view);
  if (isNear || isNew) row.scrollIntoView({ block: row.offsetHeight > log.clientHeight ? 'start' : 'nearest' });
  if (view.announce !== null && view.announce !== said.get(view.id)) announce(view.announce);
  said.set(view.id, view.announce);
  renewTimes();
  for (const old of rows().slice(0, -mostShown)) old.remove();
}

/** @param {string} words */
export function announce(words) {
  announcer.textContent = words;
}

/**
 * A line that stands between messages.
 *
 * @param {string} words
 */
export function showDivider(words) {
  const divider = document.createElement('p');
  divider.className = 'divider';
  divider.textContent = words;
  log.querySelector('.divider')?.remove();
  log.prepend(divider);
  announce(words);
}

function rows() {
  return [...log.querySelectorAll('article')];
}

/** @param {MessageView} view */
function place(view) {
  const template = document.createElement('template');
  // The server has escaped whatever is not its own, and the page's policy lets no script in.
  template.innerHTML = view.html;
  const row = part('article', HTMLElement, template.content);
  const old = document.getElementById(view.id);
  if (old === null) {
    const next = rows().find((one) => Number(one.dataset['order']) > view.order);
    log.insertBefore(row, next ?? null);
  } else {
    const focused = focusWithin(old);
    const isOpen = document.querySelector('dialog[open]') !== null;
    old.replaceWith(row);
    if (focused !== null && !isOpen) refocus(row, focused);
  }
  if (blank.contains(document.activeElement)) log.focus({ preventScroll: true });
  blank.hidden = true;
  return row;
}

/**
 * How the focused element can be found again in a newer form of the message.
 *
 * @param {Element} row
 */
function focusWithin(row) {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || !row.contains(active)) return null;
  return { offer: active.dataset['offer'], label: active.textContent, id: active.id };
}

/**
 * Whoever works with the keyboard stays where they were, or at least in the message.
 *
 * @param {HTMLElement} row
 * @param {{ readonly offer: string | undefined, readonly label: string | null, readonly id: string }} focused
 */
export function refocus(row, focused) {
  const buttons = [...row.querySelectorAll('button')];
  const again =
    buttons.find((button) => focused.offer !== undefined && button.dataset['offer'] === focused.offer) ??
    buttons.find((button) => button.textContent === focused.label) ??
    (focused.id === '' ? null : document.getElementById(focused.id));
  (again ?? row).focus({ preventScroll: true });
}

/** @param {readonly Suggestion[]} suggestions */
function showBlank(suggestions) {
  blank.hidden = false;
  const title = document.createElement('h2');
  title.textContent = 'Nobody has asked anything yet';
  const words = document.createElement('p');
  words.textContent =
    suggestions.length === 0 ? 'Write below to begin.' : 'Begin with one of these, or write your own line below.';
  const list = document.createElement('ul');
  for (const { line, what } of suggestions.slice(0, 5)) {
    const button = document.createElement('button');
    button.type = 'button';
    button.dataset['line'] = line;
    const code = document.createElement('code');
    code.textContent = line;
    const about = document.createElement('span');
    about.textContent = what;
    button.append(code, about);
    const item = document.createElement('li');
    item.append(button);
    list.append(item);
  }
  blank.replaceChildren(title, words, list);
}

/** Keeps "… ago" true. */
export function renewTimes() {
  for (const span of log.querySelectorAll('[data-ago]')) {
    const time = span.closest('time');
    if (time === null) continue;
    const at = Date.parse(time.dateTime);
    const passedMs = Date.now() + aheadMs - at;
    span.textContent = passedMs < justNowMs ? 'just now' : `${inWords(passedMs)} ago`;
    if (time.title === '') time.title = new Date(at).toLocaleString();
  }
}

/** In the two largest units, as the cards say it.
 * @param {number} durationMs */
function inWords(durationMs) {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  const name = days === 1 ? '1 day' : `${days} days`;
  return days >= 2 || hours % 24 === 0 ? name : `${name} ${hours % 24} h`;
}
