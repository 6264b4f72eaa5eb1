import { part } from './post.js';

/** Makes the panels beside the conversation open and close where there is no room for them. */
export function startPanels() {
  for (const toggle of document.querySelectorAll('button[data-panel]')) {
    toggle.addEventListener('click', () => {
      const name = toggle.getAttribute('data-panel') ?? '';
      if (openPanel() === name) closePanels();
      else open(name);
    });
  }
  for (const close of document.querySelectorAll('[data-close]')) close.addEventListener('click', closePanels);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.defaultPrevented && document.querySelector('dialog[open]') === null)
      closePanels();
  });
}

/** Back to the conversation; the focus returns to what opened the panel. */
export function closePanels() {
  const name = openPanel();
  if (name === '') return;
  delete document.body.dataset['open'];
  const toggle = part(`[data-panel=${name}]`, HTMLButtonElement);
  toggle.setAttribute('aria-expanded', 'false');
  toggle.focus();
}

function openPanel() {
  return document.body.dataset['open'] ?? '';
}

/** @param {string} name */
function open(name) {
  closePanels();
  document.body.dataset['open'] = name;
  part(`[data-panel=${name}]`, HTMLButtonElement).setAttribute('aria-expanded', 'true');
  part('[data-close]', HTMLButtonElement, part(`#${name}`, HTMLElement)).focus();
}
