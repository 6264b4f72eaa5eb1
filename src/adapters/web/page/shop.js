import { part, post } from './post.js';

/** Makes the shop's panel work. */
export function startShop() {
  const purchase = part('#purchase', HTMLFormElement);
  purchase.addEventListener('submit', (event) => {
    event.preventDefault();
    void buy(purchase);
  });
  part('#troubles', HTMLElement).addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null;
    if (button === null || button.getAttribute('aria-disabled') === 'true') return;
    if (button.dataset['trouble'] !== undefined) void turn(button, button.dataset['trouble']);
    else if (button.dataset['mendAll'] !== undefined) void mendAll(button);
  });
  const acts = document.querySelector('#acts');
  if (!(acts instanceof HTMLFormElement)) return;
  acts.addEventListener('submit', (event) => event.preventDefault());
  acts.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null;
    if (button?.dataset['act'] !== undefined) void act(acts, button, button.dataset['act']);
  });
}

/**
 * Shows which troubles there are, whoever made them.
 *
 * @param {readonly string[]} broken
 */
export function showBroken(broken) {
  for (const button of document.querySelectorAll('[data-trouble]')) {
    const isBroken = broken.includes(button.getAttribute('data-trouble') ?? '');
    button.setAttribute('aria-checked', String(isBroken));
  }
  for (const count of document.querySelectorAll('[data-broken-count]')) {
    count.textContent = broken.length === 0 ? '' : `${broken.length} broken`;
  }
  part('[data-mend-all]', HTMLButtonElement).hidden = broken.length === 0;
}

/** @param {HTMLFormElement} form */
async function buy(form) {
  const button = part('[type=submit]', HTMLButtonElement, form);
  if (button.getAttribute('aria-disabled') === 'true') return;
  const outcome = part('.outcome', HTMLElement, form);
  const wish = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
  await busily(button, outcome, 'Paying …', async () => {
    const bought = await post('api/purchases', wish);
    if (!bought.ok) return bought.trouble;
    const { orderId } = bought.value;
    const email = wish['email'] ?? '';
    nameInActs(email);
    const made = typeof orderId === 'string' ? ` The shop made order ${orderId.slice(0, 8)}.` : '';
    return `Paid.${made}${showLookUp(outcome, email) ? ` Now ask about ${email}.` : ''}`;
  });
}

/**
 * The next thing anybody wants to do. False: only staff may ask about others.
 *
 * @param {HTMLElement} outcome
 * @param {string} email
 */
function showLookUp(outcome, email) {
  const example = document.querySelector('.customers [data-line]');
  if (!(example instanceof HTMLElement)) return false;
  const line = (example.dataset['line'] ?? '').replace(/\S+$/, email);
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button';
  button.dataset['style'] = 'plain';
  button.dataset['line'] = line;
  button.textContent = 'Ask about it';
  outcome.parentElement?.querySelector('[data-line]')?.remove();
  outcome.after(button);
  return true;
}

/**
 * What is made to happen next, happens to whoever has just bought.
 *
 * @param {string} email
 */
function nameInActs(email) {
  const field = document.querySelector('#acts [name=email]');
  if (field instanceof HTMLInputElement) field.value = email;
}

/**
 * @param {HTMLButtonElement} button
 * @param {string} id
 */
async function turn(button, id) {
  const isBroken = button.getAttribute('aria-checked') !== 'true';
  const title = document.getElementById(`trouble-${id}`)?.textContent ?? '';
  const outcome = part('#troubles .outcome', HTMLElement);
  await busily(button, outcome, isBroken ? 'Breaking it …' : 'Mending it …', async () => {
    const done = await post('api/troubles', { id, isBroken });
    return done.ok ? `${title}: ${isBroken ? 'broken' : 'mended'}.` : done.trouble;
  });
}

/** @param {HTMLButtonElement} button */
async function mendAll(button) {
  await busily(button, part('#troubles .outcome', HTMLElement), 'Mending everything …', async () => {
    const done = await post('api/troubles/mend-all', {});
    return done.ok ? 'Everything is mended.' : done.trouble;
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement} button
 * @param {string} id
 */
async function act(form, button, id) {
  const field = part('[name=email]', HTMLInputElement, form);
  const isToCustomer = button.dataset['to'] === 'customer';
  field.required = isToCustomer;
  if (isToCustomer && !form.reportValidity()) return;
  await busily(button, part('.outcome', HTMLElement, form), 'It happens …', async () => {
    const done = await post('api/acts', { id, email: isToCustomer ? field.value : null });
    return done.ok ? String(done.value['words']) : done.trouble;
  });
}

/**
 * Marks what was pressed while it works, and then says how it ended.
 *
 * @param {HTMLButtonElement} button
 * @param {HTMLElement} outcome
 * @param {string} during
 * @param {() => Promise<string>} work
 */
async function busily(button, outcome, during, work) {
  if (button.getAttribute('aria-disabled') === 'true') return;
  button.setAttribute('aria-disabled', 'true');
  button.classList.add('busy');
  outcome.textContent = during;
  outcome.textContent = await work();
  button.removeAttribute('aria-disabled');
  button.classList.remove('busy');
}
