import { judgeCause, type LiveCondition } from '../cause.ts';
import { defineCheck } from '../check.ts';
import { awaitsServer } from '../entry.ts';
import type { EggVariable, EggView } from '../evidence.ts';
import { cleanForeignText } from '../foreign-text.ts';
import { provisionChangedAt } from '../provision-function.ts';
import { known, type Reading, unknown } from '../reading.ts';

interface Facts {
  /** The egg that is missing; `null` when only the log line is known. */
  readonly missing: { readonly nestId: number; readonly eggId: number } | null;
  /** The fields of the request that the panel found fault with. */
  readonly fields: readonly string[];
}

export const eggInvalid = defineCheck({
  id: 'egg-invalid',
  code: 'PRV-004',
  stage: 'provisioning',
  role: 'cause',
  severity: 'critical',
  title: 'The egg does not exist, or one of its variables is refused',
  on: ['order'],
  needs: [],
  uses: ['egg', 'executions', 'functions'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate({ egg, executions, functions }, { order }, moment) {
    return judgeCause<Facts, 'egg-invalid'>({
      order,
      moment,
      executions,
      kinds: ['egg-invalid'],
      live: liveCondition(egg),
      factsOf: ({ fields }) => ({ missing: null, fields: fields.map((field) => cleanForeignText(field, 60)) }),
      // The function's eggs and variables are constants of its code: only a new version of it changes them.
      changedAt: provisionChangedAt(functions),
      liveClears: false,
    });
  },
  explain: ({ missing, fields }) => ({
    what:
      missing === null
        ? `The panel refused the server because of ${fields.join(', ')}.`
        : `The panel has no egg ${missing.eggId} in nest ${missing.nestId}, which this plan uses.`,
    why: 'The provisioning function sends the same egg and variables every time, so every order of this game fails alike.',
    next: 'Make the egg and its variables agree with what the function sends, in the panel or in the function, then retry the order.',
  }),
  tellCustomer: () =>
    'Your order has reached us. We are correcting the set-up of your game before your server can be created; you do not need to do anything.',
  remediation: 'retry-provisioning',
});

function liveCondition(egg: Reading<EggView | null>): Reading<LiveCondition<Facts>> {
  if (egg.kind === 'unknown') return egg;
  const view = egg.value;
  if (view === null) {
    return unknown({ source: 'pterodactyl', kind: 'not-provided', what: 'the egg of this plan (set PLAN_EGGS)' });
  }
  return known({
    present: view.egg === null,
    facts: { missing: { nestId: view.nestId, eggId: view.eggId }, fields: [] },
    evidence: [
      {
        source: 'pterodactyl',
        at: null,
        text: `${describeEgg(view)} (known from ${knownFrom[view.knownFrom]})`,
        ref: { kind: 'panel-egg', id: view.eggId },
      },
    ],
  });
}

const knownFrom: Readonly<Record<EggView['knownFrom'], string>> = {
  configuration: 'PLAN_EGGS',
  'servers-of-the-plan': "the plan's existing servers",
};

function describeEgg({ nestId, eggId, egg }: EggView): string {
  if (egg === null) return `Egg ${eggId} is not in nest ${nestId}`;
  const open = egg.variables.filter(needsValue).map((variable) => cleanForeignText(variable.envVariable, 40));
  const exists = `Egg ${eggId} of nest ${nestId} exists: ${cleanForeignText(egg.name, 60)}`;
  return open.length === 0 ? exists : `${exists}; it must be given ${open.join(', ')}`;
}

/** The panel fills in no defaults; one that is required and has none is the likeliest to be forgotten. */
function needsValue(variable: EggVariable): boolean {
  const hasDefault = variable.defaultValue !== null && variable.defaultValue !== '';
  return variable.rules.split('|').includes('required') && !hasDefault;
}
