import { offer, send, startComposer } from './composer.js';
import { announce, renewTimes, setClock, show, showAll, showDivider } from './messages.js';
import { closePanels, startPanels } from './panels.js';
import { part } from './post.js';
import { ask, endPress, press, startQuestions } from './question.js';
import { showBroken, startShop } from './shop.js';
import { listen } from './stream.js';

const connection = part('#connection', HTMLElement);
const renewMs = 20_000;
/** Shorter interruptions concern nobody. */
const patienceMs = 800;

let boot = '';
/** @type {ReturnType<typeof setTimeout> | undefined} */
let lost;

startComposer();
startQuestions();
startPanels();
startShop();
setInterval(renewTimes, renewMs);

document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('button') : null;
  if (button === null || button.getAttribute('aria-disabled') === 'true') return;
  const { line, offer: offerId, choose } = button.dataset;
  const messageId = button.closest('article')?.id ?? '';
  if (line !== undefined) {
    closePanels();
    void send(line);
  } else if (offerId !== undefined) {
    void press({ messageId, offerId, form: null });
  } else if (choose !== undefined) {
    void press({ messageId, offerId: part(`#${choose}`, HTMLSelectElement).value, form: null });
  }
});

listen(
  {
    snapshot(snapshot) {
      const isAnew = boot !== '' && boot !== snapshot.boot;
      boot = snapshot.boot;
      setClock(snapshot.nowMs);
      offer(snapshot.commands, snapshot.suggestions);
      showAll(snapshot.messages, snapshot.suggestions);
      showBroken(snapshot.broken);
      if (isAnew) showDivider('The server was started anew, and the shop with it: what was here before is gone.');
    },
    message: show,
    question: ask,
    pressed: endPress,
    broken: ({ broken }) => showBroken(broken),
    beat: ({ nowMs }) => setClock(nowMs),
  },
  tellConnection,
);

/** @param {boolean} isConnected */
function tellConnection(isConnected) {
  if (isConnected) {
    clearTimeout(lost);
    lost = undefined;
    if (!connection.hidden) announce('Connected again.');
    connection.hidden = true;
    return;
  }
  lost ??= setTimeout(() => {
    connection.textContent = 'The connection is lost. Trying again; what you write stays here.';
    connection.hidden = false;
  }, patienceMs);
}
