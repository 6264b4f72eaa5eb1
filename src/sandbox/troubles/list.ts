import type { SourceId } from '../../core/failure.ts';
import type { Sandbox } from '../index.ts';
import { faultLever, type Lever } from './lever.ts';
import { settingsOf } from './settings.ts';

/** Where a trouble lies. */
export type TroubleGroup = 'stripe' | 'supabase' | 'panel' | 'nodes';

/** What can be told of a trouble. */
export interface TroubleStory {
  readonly id: string;
  readonly title: string;
  /** One plain sentence of what it does. */
  readonly what: string;
  readonly group: TroubleGroup;
  /** The codes a purchase made now shows, in time. Region `eu`, a plan whose egg exists, a person who is new. */
  readonly leadsTo: readonly string[];
  /** The source that pterodoc cannot read meanwhile. */
  readonly blinds: SourceId | null;
}

/** Something a visitor can break and mend again. */
export interface Trouble extends TroubleStory {
  readonly levers: readonly Lever[];
}

/** How long a slow platform takes for one answer. */
const SLOW_MS = 1200;
/** How long the panel keeps the function waiting, and how long the gateway waits for the function. */
const VERY_SLOW_MS = 20_000;
const GATEWAY_WAITS_MS = 1500;
const CREATES_SERVER = /^POST \/api\/application\/servers(?:\?|$)/;

/** All troubles, in the order of the purchase's path through the platforms. */
export function troublesOf(sandbox: Sandbox): readonly Trouble[] {
  const { supabase, stripe, panel } = sandbox;
  const { secret, functionFault, deployment, endpoint, panelKey, eggs, panelMaintenance, nodes } = settingsOf(sandbox);

  return [
    {
      id: 'endpoint-disabled',
      title: 'Webhook endpoint disabled',
      what: 'Stripe stops telling the shop about payments.',
      group: 'stripe',
      leadsTo: ['HOOK-002'],
      blinds: null,
      levers: [endpoint.status.heldAt('disabled')],
    },
    {
      id: 'endpoint-deleted',
      title: 'Webhook endpoint deleted',
      what: 'Somebody deleted the endpoint in Stripe, so no event has anywhere to go.',
      group: 'stripe',
      leadsTo: ['HOOK-001'],
      blinds: null,
      levers: [endpoint.exists.heldAt(false)],
    },
    {
      id: 'endpoint-elsewhere',
      title: 'Webhook endpoint leads elsewhere',
      what: "The endpoint's address was changed to another function.",
      group: 'stripe',
      leadsTo: ['HOOK-001'],
      blinds: null,
      levers: [endpoint.url.heldAt(`${supabase.functionsUrl}/another-function`)],
    },
    {
      id: 'endpoint-not-listening',
      title: 'Webhook endpoint does not listen',
      what: 'The endpoint no longer listens to completed checkouts.',
      group: 'stripe',
      leadsTo: ['HOOK-003'],
      blinds: null,
      levers: [endpoint.events.heldAt(['invoice.paid'])],
    },
    {
      id: 'wrong-webhook-secret',
      title: 'Wrong signing secret',
      what: "The function checks Stripe's signature with the secret of another endpoint.",
      group: 'stripe',
      leadsTo: ['HOOK-005'],
      blinds: null,
      levers: [secret('STRIPE_WEBHOOK_SECRET').heldAt('whsec_of_another_endpoint')],
    },
    {
      id: 'stripe-live-key',
      title: 'Live key for a test payment',
      what: 'The function looks for a test payment with the key of live mode.',
      group: 'stripe',
      leadsTo: ['HOOK-006'],
      blinds: null,
      levers: [deployment('stripe-webhook').heldAt('with-live-key')],
    },
    {
      id: 'stripe-slow',
      title: 'Stripe is slow',
      what: 'Each answer of Stripe takes more than a second; nothing else is wrong.',
      group: 'stripe',
      leadsTo: [],
      blinds: null,
      levers: [faultLever(stripe.faults, /./, { kind: 'delay', ms: SLOW_MS })],
    },
    {
      id: 'stripe-down',
      title: 'Stripe is down',
      what: 'Stripe answers every question with an error.',
      group: 'stripe',
      leadsTo: [],
      blinds: 'stripe',
      levers: [
        faultLever(stripe.faults, /./, {
          kind: 'status',
          status: 503,
          body: { error: { type: 'api_error', message: 'Service unavailable.' } },
        }),
      ],
    },
    {
      id: 'webhook-not-deployed',
      title: 'stripe-webhook not deployed',
      what: 'The function that Stripe calls is gone.',
      group: 'supabase',
      leadsTo: ['HOOK-004'],
      blinds: null,
      levers: [deployment('stripe-webhook').heldAt('absent')],
    },
    {
      id: 'webhook-behind-token',
      title: 'stripe-webhook asks for a token',
      what: 'The function was deployed with JWT verification, which Stripe cannot pass.',
      group: 'supabase',
      leadsTo: ['HOOK-004'],
      blinds: null,
      levers: [deployment('stripe-webhook').heldAt('behind-token')],
    },
    {
      id: 'webhook-crashes',
      title: 'stripe-webhook crashes',
      what: 'The function crashes before it writes the order.',
      group: 'supabase',
      leadsTo: ['HOOK-004'],
      blinds: null,
      levers: [functionFault('stripe-webhook').heldAt({ kind: 'crash' })],
    },
    {
      id: 'provision-not-deployed',
      title: 'servers-provision not deployed',
      what: 'The function that makes servers is gone.',
      group: 'supabase',
      leadsTo: ['PRV-001'],
      blinds: null,
      levers: [deployment('servers-provision').heldAt('absent')],
    },
    {
      id: 'provision-crashes',
      title: 'servers-provision crashes',
      what: 'The function crashes before it does anything.',
      group: 'supabase',
      leadsTo: ['PRV-006'],
      blinds: null,
      levers: [functionFault('servers-provision').heldAt({ kind: 'crash' })],
    },
    {
      id: 'provision-does-not-start',
      title: 'servers-provision does not start',
      what: 'A broken deployment: the code of the function cannot be loaded.',
      group: 'supabase',
      leadsTo: ['PRV-006'],
      blinds: null,
      levers: [functionFault('servers-provision').heldAt({ kind: 'boot-error' })],
    },
    {
      id: 'provision-out-of-resources',
      title: 'servers-provision hits its limits',
      what: 'The platform ends the function for using too much computing time.',
      group: 'supabase',
      leadsTo: ['PRV-006'],
      blinds: null,
      levers: [functionFault('servers-provision').heldAt({ kind: 'resource-limit' })],
    },
    {
      id: 'provision-crashes-late',
      title: 'servers-provision crashes at the very end',
      what: 'The server is made and written down, then the function crashes: the order is called failed.',
      group: 'supabase',
      leadsTo: ['ORD-005'],
      blinds: null,
      levers: [functionFault('servers-provision').heldAt({ kind: 'crash', afterWork: true })],
    },
    {
      id: 'provision-outlasts-gateway',
      title: 'Time-out while the function works on',
      what: 'The panel takes 20 seconds, the gateway gives up before: the order is called failed, and the server comes.',
      group: 'supabase',
      leadsTo: ['PRV-006', 'SRV-002'],
      blinds: null,
      levers: [
        functionFault('servers-provision').heldAt({ kind: 'idle-timeout', afterMs: GATEWAY_WAITS_MS, worksOn: true }),
        faultLever(panel.faults, CREATES_SERVER, { kind: 'delay-after', ms: VERY_SLOW_MS }),
      ],
    },
    {
      id: 'no-panel-key',
      title: 'No panel key',
      what: "The secret with the panel's key was deleted from the functions.",
      group: 'supabase',
      leadsTo: ['PRV-002'],
      blinds: null,
      levers: [secret('PTERO_APP_KEY').heldAt(null)],
    },
    {
      id: 'no-panel-address',
      title: 'No panel address',
      what: "The secret with the panel's address was deleted from the functions.",
      group: 'supabase',
      leadsTo: ['PRV-002'],
      blinds: null,
      levers: [secret('PANEL_URL').heldAt(null)],
    },
    {
      id: 'supabase-slow',
      title: 'Supabase is slow',
      what: 'Each answer of the database takes almost half a second; nothing else is wrong.',
      group: 'supabase',
      leadsTo: [],
      blinds: null,
      levers: [faultLever(supabase.faults, / \/(?:rest|auth)\/v1\//, { kind: 'delay', ms: SLOW_MS / 3 })],
    },
    {
      id: 'logs-unreachable',
      title: 'Logs unreachable',
      what: "Supabase's Management API does not answer, so that nobody can say what the functions wrote.",
      group: 'supabase',
      leadsTo: [],
      blinds: 'logs',
      levers: [faultLever(supabase.management.faults, /./, { kind: 'reset' })],
    },
    {
      id: 'panel-key-revoked',
      title: 'Panel key revoked',
      what: 'The key with which the functions make servers was deleted in the panel.',
      group: 'panel',
      // The function tells the reason only where the buyer has a panel account already.
      leadsTo: ['PRV-003', 'PRV-009'],
      blinds: null,
      levers: [panelKey.isKnown.heldAt(false)],
    },
    {
      id: 'panel-key-read-only',
      title: 'Panel key may not make servers',
      what: 'The key of the functions may read servers, but not make them.',
      group: 'panel',
      leadsTo: ['PRV-003'],
      blinds: null,
      levers: [panelKey.serversLevel.heldAt(1)],
    },
    {
      id: 'panel-down',
      title: 'Panel down',
      what: 'Nobody can connect to the panel.',
      group: 'panel',
      leadsTo: ['PRV-005'],
      blinds: 'pterodactyl',
      levers: [faultLever(panel.faults, /./, { kind: 'reset' })],
    },
    {
      id: 'panel-answers-html',
      title: 'Panel answers HTML',
      what: 'Something in front of the panel answers with a web page instead of its API.',
      group: 'panel',
      leadsTo: ['PRV-005'],
      blinds: 'pterodactyl',
      levers: [faultLever(panel.faults, / \/api\//, { kind: 'html-200' })],
    },
    {
      id: 'panel-in-maintenance',
      title: 'Panel in maintenance',
      what: 'The panel was put into maintenance mode and answers 503.',
      group: 'panel',
      leadsTo: ['PRV-005', 'PRV-009'],
      blinds: 'pterodactyl',
      levers: [panelMaintenance.heldAt(true)],
    },
    {
      id: 'panel-rate-limit',
      title: "Panel's rate limit",
      what: 'The panel has had enough calls for this minute when the server is to be made.',
      group: 'panel',
      leadsTo: ['PRV-007'],
      blinds: null,
      levers: [
        faultLever(panel.faults, CREATES_SERVER, {
          kind: 'status',
          status: 429,
          headers: { 'retry-after': '30' },
          body: { errors: [{ code: 'TooManyRequestsHttpException', status: '429', detail: 'Too Many Attempts.' }] },
        }),
      ],
    },
    {
      id: 'panel-fails',
      title: 'Panel fails by itself',
      what: 'The panel answers with an error of its own when a server is to be made.',
      group: 'panel',
      leadsTo: ['PRV-009'],
      blinds: null,
      levers: [
        faultLever(panel.faults, CREATES_SERVER, {
          kind: 'status',
          status: 500,
          body: {
            errors: [
              {
                code: 'HttpException',
                status: '500',
                detail: 'An unexpected error was encountered while processing this request, please try again.',
              },
            ],
          },
        }),
      ],
    },
    {
      id: 'panel-connection-lost',
      title: 'Connection lost after the server was made',
      what: 'The panel makes the server, and its answer never arrives: the order does not know its server.',
      group: 'panel',
      leadsTo: ['PRV-005', 'SRV-002'],
      blinds: null,
      levers: [faultLever(panel.faults, CREATES_SERVER, { kind: 'reset-after' })],
    },
    {
      id: 'egg-missing',
      title: 'Egg deleted',
      what: 'The eggs of all games were deleted in the panel.',
      group: 'panel',
      leadsTo: ['PRV-004'],
      blinds: null,
      levers: eggs.map(({ exists }) => exists.heldAt(false)),
    },
    {
      id: 'egg-variable-refused',
      title: 'Egg refuses a value',
      what: 'The rules of the eggs changed, so that the values the shop sends are refused.',
      group: 'panel',
      leadsTo: ['PRV-004'],
      blinds: null,
      levers: eggs.flatMap(({ rules }) => rules.map((rule) => rule.heldAt('required|string|max:1'))),
    },
    {
      id: 'install-fails',
      title: 'Install script fails',
      what: 'The server is made, and its install script fails.',
      group: 'panel',
      leadsTo: ['INS-001'],
      blinds: null,
      levers: eggs.map(({ outcome }) => outcome.heldAt('fails')),
    },
    {
      id: 'install-hangs',
      title: 'Installation never ends',
      what: 'The server is made, and its installation never comes to an end.',
      group: 'panel',
      leadsTo: ['INS-002'],
      blinds: null,
      levers: eggs.map(({ outcome }) => outcome.heldAt('hangs')),
    },
    {
      id: 'nodes-disabled',
      title: 'Nodes disabled',
      what: 'Every node of the region was switched off for new servers.',
      group: 'nodes',
      leadsTo: ['CAP-001'],
      blinds: null,
      levers: nodes.map(({ isEnabled }) => isEnabled.heldAt(false)),
    },
    {
      id: 'nodes-full',
      title: 'Nodes full',
      what: 'The memory that may be sold on the nodes is used up.',
      group: 'nodes',
      leadsTo: ['CAP-002'],
      blinds: null,
      levers: nodes.map(({ maxRamGb }) => maxRamGb.heldAt(0)),
    },
    {
      id: 'allocations-used-up',
      title: 'Allocations used up',
      what: 'Every port of the nodes is taken.',
      group: 'nodes',
      leadsTo: ['CAP-003'],
      blinds: null,
      levers: nodes.map(({ hasFreePorts }) => hasFreePorts.heldAt(false)),
    },
    {
      id: 'nodes-in-maintenance',
      title: 'Nodes in maintenance',
      what: 'The nodes are in maintenance and their Wings is stopped.',
      group: 'nodes',
      leadsTo: ['CAP-004'],
      blinds: null,
      levers: nodes.flatMap(({ isInMaintenance, wings }) => [isInMaintenance.heldAt(true), wings.heldAt('down')]),
    },
    {
      id: 'nodes-unknown',
      title: 'Nodes unknown to the panel',
      what: "The shop's list names nodes that the panel does not have.",
      group: 'nodes',
      leadsTo: ['CAP-004'],
      blinds: null,
      levers: nodes.map(({ panelNumber }, index) => panelNumber.heldAt(901 + index)),
    },
    {
      id: 'wings-down',
      title: 'Wings down',
      what: 'Wings on the nodes does not answer.',
      group: 'nodes',
      leadsTo: ['INS-003'],
      blinds: null,
      levers: nodes.map(({ wings }) => wings.heldAt('down')),
    },
    {
      id: 'wings-refuses-panel',
      title: 'Wings refuses the panel',
      what: "Wings on the nodes does not know the panel's token.",
      group: 'nodes',
      leadsTo: ['INS-003'],
      blinds: null,
      levers: nodes.map(({ wings }) => wings.heldAt('token-mismatch')),
    },
  ];
}
