import type { Role } from '../../src/core/permission.ts';

/**
 * The whole policy on one page: what each command and button needs at least. Whoever holds less gets a sentence that
 * says whom to ask, and changes nothing.
 */
export const leastRoleFor = {
  '/server-status': 'support',
  '/pterodoc orders': 'support',
  '/pterodoc webhooks': 'support',
  '/pterodoc help': 'support',
  '/pterodoc audit': 'admin',

  'Re-check': 'support',
  Details: 'support',
  'Another purchase': 'support',

  'Retry provisioning': 'support',
  'Create panel account': 'support',
  'Redeliver webhook': 'operator',
  'Enable endpoint': 'operator',
  'Link server': 'operator',
  'Restore status': 'operator',
  'Reinstall server': 'operator',
  Vouch: 'admin',
} as const satisfies Readonly<Record<string, Role>>;

/** A command, a button, or the select. */
export type Thing = keyof typeof leastRoleFor;

export const things = Object.keys(leastRoleFor) as readonly Thing[];

/** `null`: nobody with any role. `elsewhere`: not of this server or workspace, whatever is held there. */
export type CountsAs = Role | null | 'elsewhere';

/** Who somebody counts as, on each platform. */
export const countsAs = {
  discord: {
    nobody: null,
    support: 'support',
    operator: 'operator',
    admin: 'admin',
    'support alone with the bot': 'customer',
    'admin alone with the bot': 'customer',
    'admin of another server': 'elsewhere',
  },
  slack: {
    nobody: null,
    support: 'support',
    operator: 'operator',
    admin: 'admin',
    'support alone with the bot': 'customer',
    'admin alone with the bot': 'customer',
    'guest in the support group': null,
    'support group member of another workspace': 'elsewhere',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, CountsAs>>>>;

/** Somebody there is on one platform or the other. */
export type Standing = keyof typeof countsAs.discord | keyof typeof countsAs.slack;

/** What came of trying. */
export type Ending = 'done' | 'refused' | 'turned away';

const fromLeast: readonly Role[] = ['customer', 'support', 'operator', 'admin'];

/** What the policy says. */
export function endingFor(who: CountsAs, thing: Thing): Ending {
  if (who === 'elsewhere') return 'turned away';
  return who !== null && fromLeast.indexOf(who) >= fromLeast.indexOf(leastRoleFor[thing]) ? 'done' : 'refused';
}
