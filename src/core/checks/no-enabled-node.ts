import { judgeCause, logEvidence } from '../cause.ts';
import { defineCheck } from '../check.ts';
import { awaitsServer } from '../entry.ts';
import type { FunctionExecution, FunctionSettings, MerchantNode, Order, PlacementView } from '../evidence.ts';
import { describeFailure, refusesKey } from '../failure.ts';
import { cutForeign } from '../foreign-text.ts';
import { lastFailureOf, type LoggedFailure } from '../order-log.ts';
import { holdsFunctionsKey, secretChangedAt } from '../provision-function.ts';
import { type EvidenceItem, mapReading, type Reading } from '../reading.ts';

interface Facts {
  /** `null`: the order has none. */
  readonly region: string | null;
  /** `null` when only the log line is known. */
  readonly nodesInRegion: number | null;
  /** How many nodes the merchant has, when every one of them is disabled; else `null`. */
  readonly allDisabled: number | null;
  /** Whether the panel refuses the function or does not answer, after which a scheduled job disables all nodes. */
  readonly followsFromPanel: boolean;
}

const maxNodesShown = 5;

export const noEnabledNode = defineCheck({
  id: 'no-enabled-node',
  code: 'CAP-001',
  stage: 'capacity',
  role: 'cause',
  severity: 'critical',
  title: 'No node is open for this order',
  on: ['order'],
  needs: [],
  uses: ['placement', 'executions', 'panelAccess', 'settings'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate({ placement, executions, panelAccess, settings }, { order }, moment) {
    const trouble = panelTrouble({ order, panelAccess, settings, executions });
    const outcome = judgeCause<Facts, 'no-enabled-node'>({
      order,
      moment,
      executions,
      kinds: ['no-enabled-node'],
      live: mapReading(placement, (view) => ({
        present: view.decision.kind === 'no-enabled-node',
        facts: factsOf(view, trouble !== null),
        evidence: [...nodeEvidence(view), ...(areAllDisabled(view) && trouble !== null ? [trouble] : [])],
      })),
      factsOf: ({ region }) => ({
        region: regionOrNull(region),
        nodesInRegion: null,
        allDisabled: null,
        followsFromPanel: false,
      }),
    });
    return outcome.kind === 'found' && outcome.facts.followsFromPanel ? { ...outcome, role: 'symptom' } : outcome;
  },
  explain: (facts) => ({
    what: whatOf(facts),
    why: facts.followsFromPanel
      ? 'A scheduled job switches every node off while the panel refuses it or does not answer, and on again afterwards.'
      : 'The provisioning function looks only at enabled nodes of exactly this region, finds none and stops.',
    next: facts.followsFromPanel
      ? 'Repair the access to the panel first; enable the nodes by hand only if they stay off after that.'
      : 'Enable a node for this region in ptero_nodes, then retry the order.',
  }),
  tellCustomer: () => 'We are making room for your server. You do not need to do anything.',
  remediation: 'retry-provisioning',
});

function factsOf(view: PlacementView, isPanelInTrouble: boolean): Facts {
  const allDisabled = areAllDisabled(view);
  return {
    region: view.region === null ? null : regionOrNull(view.region),
    nodesInRegion: nodesOfRegion(view).length,
    allDisabled: allDisabled ? view.nodes.length : null,
    followsFromPanel: allDisabled && isPanelInTrouble,
  };
}

/** The function puts a missing region into its message as the word that the language prints for it. */
function regionOrNull(region: string): string | null {
  const text = cutForeign(region);
  return text === '' || text === 'null' || text === 'undefined' ? null : text;
}

function nodesOfRegion(view: PlacementView): readonly MerchantNode[] {
  return view.nodes.filter((node) => node.region === view.region);
}

function areAllDisabled(view: PlacementView): boolean {
  return view.nodes.length > 0 && view.nodes.every((node) => !node.enabled);
}

function nodeEvidence(view: PlacementView): readonly EvidenceItem[] {
  const nodes = areAllDisabled(view) ? view.nodes : nodesOfRegion(view);
  if (nodes.length === 0) {
    return [
      {
        source: 'supabase',
        at: null,
        text: `No row of ptero_nodes (${view.nodes.length} in all) has the order's region`,
        ref: { kind: 'table', name: 'ptero_nodes' },
      },
    ];
  }
  return nodes.slice(0, maxNodesShown).map((node) => ({
    source: 'supabase',
    at: null,
    text: `Node ${node.panelNodeId} is ${node.enabled ? 'enabled' : 'disabled'}`,
    ref: { kind: 'panel-node', id: node.panelNodeId },
  }));
}

interface TroubleReadings {
  readonly order: Order;
  readonly panelAccess: Reading<'answers'>;
  readonly settings: Reading<FunctionSettings>;
  readonly executions: Reading<readonly FunctionExecution[]>;
}

/** Signs that the panel refuses the function or does not answer; the bot's own refused key is none by itself. */
function panelTrouble(readings: TroubleReadings): EvidenceItem | null {
  const { order, panelAccess, settings, executions } = readings;
  if (panelAccess.kind === 'unknown') {
    const { failure } = panelAccess;
    if (silentKinds.has(failure.kind) || (refusesKey(failure) && holdsFunctionsKey(settings))) {
      return { source: 'pterodactyl', at: null, text: describeFailure(failure), ref: null };
    }
  }
  const logged = executions.kind === 'known' ? lastFailureOf(order, executions.value) : null;
  if (logged === null || !mayLast(logged, readings)) return null;
  return logEvidence(logged);
}

const silentKinds: ReadonlySet<string> = new Set(['unreachable', 'timed-out', 'upstream-broken', 'unexpected-shape']);

/** A refusal is an answer, too. */
function isReached(panelAccess: Reading<'answers'>): boolean {
  return panelAccess.kind === 'known' || ['credentials-rejected', 'not-permitted'].includes(panelAccess.failure.kind);
}

/** Whether a failure is one of the panel's, and nothing shows that it is over. */
function mayLast({ failure, at }: LoggedFailure, { panelAccess, settings }: TroubleReadings): boolean {
  const isChangedSince = (name: 'PANEL_URL' | 'PTERO_APP_KEY'): boolean =>
    (secretChangedAt(settings, name)?.getTime() ?? 0) > at.getTime();
  switch (failure.kind) {
    case 'panel-key-refused': {
      const isAccepted = panelAccess.kind === 'known' && holdsFunctionsKey(settings);
      return !isAccepted && !isChangedSince('PTERO_APP_KEY');
    }
    case 'panel-unreachable':
    case 'panel-not-api':
      return !isReached(panelAccess) && !isChangedSince('PANEL_URL');
    default:
      return false;
  }
}

function whatOf({ region, nodesInRegion, allDisabled }: Facts): string {
  if (allDisabled !== null) {
    return allDisabled === 1 ? 'The only node of all is disabled.' : `All ${allDisabled} nodes are disabled.`;
  }
  if (region === null) return 'The order has no region, and no enabled node goes without one.';
  switch (nodesInRegion) {
    case null:
      return `No node in region ${region} was enabled when the order was to be provisioned.`;
    case 0:
      return `There is no node in region ${region}.`;
    case 1:
      return `The only node in region ${region} is disabled.`;
    default:
      return `All ${nodesInRegion} nodes in region ${region} are disabled.`;
  }
}
