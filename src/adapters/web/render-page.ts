import { html, type Html } from './html.ts';
import { isStaff, type Persona, personas } from './personas.ts';
import { avatar } from './render-message.ts';
import type { SandboxControls, ShopAct, ShopChoice, Trouble } from './sandbox-controls.ts';
import type { Suggestion } from './wire.ts';

/** What the console shows from the start; messages come with the stream. */
export interface ConsolePage {
  readonly persona: Persona;
  readonly sandbox: SandboxControls;
  readonly troubles: readonly Trouble[];
  /** Asks about one of the sandbox's customers; `null` where nobody may. */
  readonly askAbout: ((email: string) => Suggestion) | null;
}

/** The support channel with the shop beside it, for one persona. */
export function renderConsole({ persona, sandbox, troubles, askAbout }: ConsolePage): string {
  const where = isStaff(persona)
    ? {
        title: '#support',
        heading: html`<span aria-hidden="true">#</span>support`,
        topic: 'Only staff read this channel',
      }
    : { title: 'pterodoc', heading: html`pterodoc`, topic: 'Only you can read this conversation' };
  return page({
    title: `${where.title} · ${persona.name}`,
    script: 'page/console.js',
    body: html`<body class="console" data-persona="${persona.id}">
      <a class="skip" href="#line">Skip to the message field</a>
      ${peoplePart(persona)}
      <main>
        <header class="bar">
          <div class="place">
            <h1>${where.heading}</h1>
            <p>${where.topic}</p>
          </div>
          <button type="button" class="toggle" data-panel="people" aria-expanded="false" aria-controls="people">
            ${avatar(persona)}<span class="long">${persona.name}</span><span class="sr">: choose who you are</span>
          </button>
          <button type="button" class="toggle" data-panel="shop" aria-expanded="false" aria-controls="shop">
            The shop <span class="count" data-broken-count></span>
          </button>
        </header>
        <p class="notice" id="connection" role="status" hidden></p>
        <div class="log" id="log" role="region" aria-label="Messages" tabindex="0" aria-busy="true">
          <div class="blank" id="blank">
            <p class="looking"><span class="spinner" aria-hidden="true"></span>Opening the conversation …</p>
          </div>
        </div>
        <div class="sr" id="announcer" role="status"></div>
        ${composerPart(persona)}
      </main>
      ${shopPart({ persona, sandbox, troubles, askAbout })}
      <dialog id="question" aria-labelledby="question-title">
        <form>
          <h2 id="question-title"></h2>
          <div id="question-body"></div>
          <label id="question-reason"><span></span><textarea rows="3" required></textarea></label>
          <div class="buttons">
            <button type="submit" class="button" data-style="primary"></button
            ><button type="button" class="button" data-style="plain" data-cancel>Cancel</button>
          </div>
        </form>
      </dialog>
      <noscript><p class="notice">This page needs JavaScript: answers arrive while it is open.</p></noscript>
    </body>`,
  });
}

/** The first thing a visitor of the sandbox sees. */
export function renderChooser(): string {
  return page({
    title: 'pterodoc: who are you?',
    script: null,
    body: html`<body class="chooser">
      <main>
        <p class="brand">${logo}pterodoc</p>
        <h1>A customer paid, and has no server. Who are you?</h1>
        <p class="lead">
          This is the support channel of a small make-believe shop that sells game servers. Some purchases in it went
          wrong. Ask the bot about one, and watch it being repaired. Nothing leaves this machine.
        </p>
        <ul class="personas">
          ${personas.map(
            (persona) =>
              html`<li>
                <a href="?as=${persona.id}"
                  >${avatar(persona)}<span><b>${persona.name}</b><span>${persona.what}</span></span></a
                >
              </li> `,
          )}
        </ul>
        <p class="hint">Open a second window as somebody else to see the same messages change.</p>
      </main>
    </body>`,
  });
}

/** All there is on a live server: who may use its console is not known yet. */
export function renderClosed(): string {
  return page({
    title: 'pterodoc',
    script: null,
    body: html`<body class="chooser">
      <main>
        <p class="brand">${logo}pterodoc</p>
        <h1>pterodoc is running</h1>
        <p class="lead">
          The console needs a login, which does not exist yet. Until then pterodoc is used in the configured chats and
          in the terminal: <code>pterodoc status &lt;who&gt;</code>.
        </p>
        <p class="hint">To try the console without any account, start the sandbox: <code>npm start</code>.</p>
      </main>
    </body>`,
  });
}

const logo = html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
  <path d="M2 11c6-3 10-2 13 2l3-7c1 4 1 6 0 9 4-1 8 0 12 3-5 0-8 1-10 4-2 3-3 5-6 6 1-3 1-5 0-7-2-5-6-8-12-10Z"></path>
</svg>`;

function page({
  title,
  script,
  body,
}: {
  readonly title: string;
  readonly script: string | null;
  readonly body: Html;
}): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="page/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="page/style.css" />
        ${script === null ? null : html`<script type="module" src="${script}"></script>`}
      </head>
      ${body}
    </html> `.markup;
}

function peoplePart(current: Persona): Html {
  const others = personas.filter((persona) => persona !== current);
  const people = others.map((persona) => {
    return html`<li>
      <a href="?as=${persona.id}">${avatar(persona)}${persona.name}</a
      ><a class="apart" href="?as=${persona.id}" target="_blank" rel="noopener" title="In a window of its own"
        ><span aria-hidden="true">↗</span><span class="sr">${persona.name} in a window of its own</span></a
      >
    </li> `;
  });
  return html`<nav class="panel" id="people" aria-label="Who you are">
    <div class="panel-head">
      <p class="brand"><a href="./">${logo}pterodoc</a></p>
      ${closeButton}
    </div>
    <h2>You are</h2>
    <p class="me">
      ${avatar(current)}<span><b>${current.name}</b><span>${current.what}</span></span>
    </p>
    <h2>Be somebody else</h2>
    <ul class="people">
      ${people}
    </ul>
    <p class="hint">Open somebody in a window of its own (↗): staff see the same messages change.</p>
  </nav>`;
}

const closeButton = html`<button type="button" class="close" data-close>
  <span aria-hidden="true">×</span><span class="sr">Back to the conversation</span>
</button>`;

function composerPart(persona: Persona): Html {
  const hint = isStaff(persona)
    ? 'Type / for commands, or an e-mail address after /server-status'
    : 'Write to pterodoc';
  return html`<form id="composer" autocomplete="off">
    <p class="trouble" id="composer-trouble" role="alert"></p>
    <ul id="options" role="listbox" aria-label="Suggestions" hidden></ul>
    <label class="sr" for="line">Message to pterodoc</label>
    <input
      id="line"
      name="line"
      type="text"
      role="combobox"
      aria-expanded="false"
      aria-controls="options"
      aria-autocomplete="list"
      maxlength="500"
      placeholder="${hint}"
      enterkeyhint="send"
      spellcheck="false"
      autocapitalize="off"
      autocomplete="off"
    />
    <button type="submit" class="button" data-style="primary">Send</button>
  </form>`;
}

function shopPart({ sandbox, troubles, askAbout }: ConsolePage): Html {
  return html`<aside class="panel" id="shop" aria-label="The shop">
    <div class="panel-head">
      <h2>The shop</h2>
      ${closeButton}
    </div>
    <p class="hint">A small make-believe shop runs behind this page. What you do here really happens in it.</p>
    ${askAbout === null ? null : customersPart(sandbox, askAbout)} ${purchasePart(sandbox)} ${troublesPart(troubles)}
    ${sandbox.acts.length === 0 ? null : actsPart(sandbox.acts)}
  </aside>`;
}

function customersPart({ customers }: SandboxControls, askAbout: (email: string) => Suggestion): Html {
  const items = customers.map(({ email, story }) => {
    const { line } = askAbout(email);
    return html`<li>
      <button type="button" data-line="${line}"><b>${email}</b><span>${story}</span></button>
    </li> `;
  });
  return html`<details class="section" open>
    <summary><h3>Customers with a story</h3></summary>
    <ul class="customers" aria-label="Customers" tabindex="0">
      ${items}
    </ul>
  </details>`;
}

function purchasePart({ plans, regions }: SandboxControls): Html {
  return html`<details class="section" open>
    <summary><h3>Make a purchase</h3></summary>
    <form id="purchase" autocomplete="off">
      <label class="wide"
        >E-mail address <input name="email" type="email" required maxlength="200" value="new.customer@example.com"
      /></label>
      <label
        >Plan
        <select name="planId">
          ${plans.map(choice)}
        </select></label
      >
      <label
        >Region
        <select name="region">
          ${regions.map(choice)}
        </select></label
      >
      <label class="wide">Server name (optional) <input name="serverName" type="text" maxlength="191" /></label>
      <button type="submit" class="button" data-style="primary">Buy</button>
      <p class="outcome" role="status"></p>
    </form>
  </details>`;
}

function choice({ id, label }: ShopChoice): Html {
  return html`<option value="${id}">${label}</option>`;
}

function troublesPart(troubles: readonly Trouble[]): Html {
  const groups = [...new Set(troubles.map(({ group }) => group))];
  return html`<details class="section" open>
    <summary>
      <h3>Break something</h3>
      <span class="count" data-broken-count></span>
    </summary>
    <div id="troubles">
      <div class="pinned">
        <p class="outcome" role="status"></p>
        <button type="button" class="button" data-style="plain" data-mend-all>Mend all</button>
      </div>
      ${groups.map((group) =>
        groupPart(
          group,
          troubles.filter((trouble) => trouble.group === group),
        ),
      )}
    </div>
  </details>`;
}

function groupPart(group: string, troubles: readonly Trouble[]): Html {
  return html`<h4>${group}</h4>
    <ul class="troubles">
      ${troubles.map(
        ({ id, title, what, isBroken }) =>
          html`<li>
            <button
              type="button"
              role="switch"
              aria-checked="${isBroken ? 'true' : 'false'}"
              data-trouble="${id}"
              aria-labelledby="trouble-${id}"
              aria-describedby="trouble-${id}-what"
            >
              <span class="knob"></span></button
            ><span><b id="trouble-${id}">${title}</b><span id="trouble-${id}-what">${what}</span></span>
          </li> `,
      )}
    </ul>`;
}

function actsPart(acts: readonly ShopAct[]): Html {
  return html`<details class="section">
    <summary><h3>Let something happen</h3></summary>
    <form id="acts" autocomplete="off">
      <div class="wide pinned">
        <label
          >To the customer <input name="email" type="email" maxlength="200" value="new.customer@example.com"
        /></label>
        <p class="outcome" role="status"></p>
      </div>
      <ul class="acts">
        ${acts.map(
          ({ id, title, what, to }) =>
            html`<li>
              <button
                type="button"
                class="button"
                data-style="plain"
                data-act="${id}"
                data-to="${to}"
                aria-describedby="act-${id}"
              >
                ${title}</button
              ><span id="act-${id}">${what}</span>
            </li> `,
        )}
      </ul>
    </form>
  </details>`;
}
