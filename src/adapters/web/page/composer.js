import { part, persona, post, windowId } from './post.js';

/** @import { CommandListing } from '../../../core/desk.ts' */
/** @import { Suggestion } from '../wire.ts' */

const form = part('#composer', HTMLFormElement);
const field = part('#line', HTMLInputElement);
const list = part('#options', HTMLUListElement);
const trouble = part('#composer-trouble', HTMLElement);
const mostOptions = 6;

/** @type {readonly CommandListing[]} */
let commands = [];
/** @type {readonly Suggestion[]} */
let suggestions = [];
/** @type {readonly { readonly insert: string, readonly label: string, readonly what: string, readonly isWhole: boolean }[]} */
let options = [];
let active = -1;
/** @type {string[]} */
const sent = [];
/** How far back in what was sent; 0 is the line being written. */
let back = 0;

/**
 * @param {readonly CommandListing[]} known
 * @param {readonly Suggestion[]} offered
 */
export function offer(known, offered) {
  commands = known;
  suggestions = known.length === 0 ? [] : offered;
}

/**
 * Sends a line. What could not be sent comes back into the field, unless something else is there by now.
 *
 * @param {string} line
 */
export async function send(line) {
  trouble.textContent = '';
  const outcome = await post('api/lines', { as: persona, window: windowId, line });
  if (outcome.ok) return;
  trouble.textContent = outcome.trouble;
  if (field.value === '') field.value = line;
}

/** Makes the field work. */
export function startComposer() {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const line = field.value.trim();
    if (line === '') return;
    sent.push(line);
    back = 0;
    field.value = '';
    close();
    void send(line);
  });
  field.addEventListener('input', () => {
    trouble.textContent = '';
    suggest();
  });
  field.addEventListener('focus', suggest);
  field.addEventListener('blur', close);
  field.addEventListener('keydown', onKey);
  // Pressing the mouse would take the focus away and close the list before it is released.
  list.addEventListener('mousedown', (event) => event.preventDefault());
  list.addEventListener('click', (event) => {
    const item = event.target instanceof Element ? event.target.closest('[role=option]') : null;
    if (item !== null) pick([...list.children].indexOf(item));
  });
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.isComposing) return;
  const isOpen = !list.hidden;
  switch (event.key) {
    case 'ArrowDown':
    case 'ArrowUp':
      if (isOpen) move(event.key === 'ArrowDown' ? 1 : -1);
      else if (!recall(event.key === 'ArrowUp' ? 1 : -1)) return;
      break;
    case 'Enter':
      if (!isOpen || active === -1) return;
      pick(active);
      break;
    case 'Tab':
      if (!isOpen || active === -1 || event.shiftKey) return;
      pick(active);
      break;
    case 'Escape':
      if (!isOpen) return;
      close();
      break;
    default:
      return;
  }
  event.preventDefault();
}

/**
 * Lines that were sent come back, newest first.
 *
 * @param {number} step
 */
function recall(step) {
  const next = back + step;
  if (next < 0 || next > sent.length || (back === 0 && field.value !== '')) return false;
  back = next;
  field.value = back === 0 ? '' : (sent.at(-back) ?? '');
  return true;
}

function suggest() {
  options = optionsFor(field.value);
  active = -1;
  list.replaceChildren(
    ...options.map(({ label, what }, at) => {
      const item = document.createElement('li');
      item.id = `option-${at}`;
      item.setAttribute('role', 'option');
      item.setAttribute('aria-selected', 'false');
      const name = document.createElement('b');
      name.textContent = label;
      const about = document.createElement('span');
      about.textContent = what;
      item.append(name, ' ', about);
      return item;
    }),
  );
  list.hidden = options.length === 0;
  field.setAttribute('aria-expanded', String(!list.hidden));
  field.removeAttribute('aria-activedescendant');
}

/** @param {string} typed */
function optionsFor(typed) {
  if (!typed.startsWith('/')) return [];
  const named = commands.find(({ name }) => typed.toLowerCase().startsWith(`/${name} `));
  if (named !== undefined) {
    const rest = typed.slice(named.name.length + 2).toLowerCase();
    return suggestions
      .filter(({ line, what }) => line.startsWith(`/${named.name} `) && `${line} ${what}`.toLowerCase().includes(rest))
      .filter(({ line }) => line !== typed)
      .slice(0, mostOptions)
      .map(({ line, what }) => ({ insert: line, label: line.slice(named.name.length + 2), what, isWhole: true }));
  }
  return commands
    .filter(({ name }) => `/${name}`.startsWith(typed.toLowerCase()))
    .slice(0, mostOptions)
    .map(({ name, summary, inputs }) => {
      const wanted = inputs.map((input) => ` ${input.isRequired ? `<${input.name}>` : `[${input.name}]`}`).join('');
      return {
        insert: inputs.length === 0 ? `/${name}` : `/${name} `,
        label: `/${name}${wanted}`,
        what: summary,
        isWhole: false,
      };
    });
}

/** @param {number} step */
function move(step) {
  active = (active + step + options.length + (active === -1 && step === -1 ? 1 : 0)) % options.length;
  [...list.children].forEach((item, at) => {
    item.setAttribute('aria-selected', String(at === active));
    if (at === active) item.scrollIntoView({ block: 'nearest' });
  });
  field.setAttribute('aria-activedescendant', `option-${active}`);
}

/** @param {number} at */
function pick(at) {
  const option = options[at];
  if (option === undefined) return;
  field.value = option.insert;
  if (option.isWhole) close();
  else suggest();
}

function close() {
  list.hidden = true;
  active = -1;
  field.setAttribute('aria-expanded', 'false');
  field.removeAttribute('aria-activedescendant');
}
