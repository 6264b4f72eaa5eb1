import { refocus } from './messages.js';
import { part, persona, post, windowId } from './post.js';

/** @import { Question } from '../wire.ts' */

const dialog = part('#question', HTMLDialogElement);
const form = part('form', HTMLFormElement, dialog);
const title = part('#question-title', HTMLElement);
const body = part('#question-body', HTMLElement);
const reason = part('#question-reason', HTMLLabelElement);
const words = part('textarea', HTMLTextAreaElement, reason);
const confirm = part('[type=submit]', HTMLButtonElement, form);

/** @type {Question | null} */
let asked = null;

/**
 * Presses, and says when it could not be sent.
 *
 * @param {{ readonly messageId: string, readonly offerId: string, readonly form: { readonly reason: string | null } | null }} press
 */
export async function press({ messageId, offerId, form: filled }) {
  setBusy(messageId, offerId, true);
  const outcome = await post('api/presses', { as: persona, window: windowId, messageId, offerId, form: filled });
  if (outcome.ok) return;
  setBusy(messageId, offerId, false);
  say(messageId, outcome.trouble);
}

/**
 * The press has been answered.
 *
 * @param {{ readonly messageId: string, readonly offerId: string }} press
 */
export function endPress({ messageId, offerId }) {
  setBusy(messageId, offerId, false);
}

/**
 * Asks whether it is really meant.
 *
 * @param {Question} question
 */
export function ask(question) {
  asked = question;
  const { form: wanted } = question;
  title.textContent = wanted.title;
  body.replaceChildren(
    ...wanted.body.map((sentence) => {
      const line = document.createElement('p');
      line.textContent = sentence;
      return line;
    }),
  );
  reason.hidden = wanted.reason === null;
  words.disabled = wanted.reason === null;
  words.value = '';
  words.maxLength = wanted.reason?.maxLength ?? 1;
  part('span', HTMLSpanElement, reason).textContent = wanted.reason?.label ?? '';
  confirm.textContent = wanted.confirmLabel;
  confirm.dataset['style'] = wanted.isDangerous ? 'danger' : 'primary';
  if (!dialog.open) dialog.showModal();
  // What cannot be taken back is not one careless Enter away.
  if (wanted.reason !== null) words.focus();
  else if (wanted.isDangerous) part('[data-cancel]', HTMLButtonElement, dialog).focus();
  else confirm.focus();
}

/** Makes the dialogue work. */
export function startQuestions() {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const question = asked;
    if (question === null) return;
    const filled = { reason: question.form.reason === null ? null : words.value.trim() };
    dialog.close();
    void press({ messageId: question.messageId, offerId: question.offerId, form: filled });
  });
  part('[data-cancel]', HTMLButtonElement, dialog).addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => {
    const row = asked === null ? null : document.getElementById(asked.messageId);
    if (row !== null && asked !== null) refocus(row, { offer: asked.offerId, label: null, id: '' });
    asked = null;
  });
}

/**
 * @param {string} messageId
 * @param {string} offerId
 * @param {boolean} isBusy
 */
function setBusy(messageId, offerId, isBusy) {
  const row = document.getElementById(messageId);
  for (const button of row?.querySelectorAll('button') ?? []) {
    const isPressed = button.dataset['offer'] === offerId || button.dataset['choose'] !== undefined;
    // Disabled buttons would lose the focus.
    if (isBusy) button.setAttribute('aria-disabled', 'true');
    else button.removeAttribute('aria-disabled');
    button.classList.toggle('busy', isBusy && isPressed);
  }
}

/**
 * @param {string} messageId
 * @param {string} trouble
 */
function say(messageId, trouble) {
  const buttons = document.getElementById(messageId)?.querySelector('.buttons, .choice');
  const line = document.createElement('p');
  line.className = 'trouble';
  line.setAttribute('role', 'alert');
  buttons?.parentElement?.querySelector('.trouble')?.remove();
  buttons?.after(line);
  line.textContent = trouble;
}
