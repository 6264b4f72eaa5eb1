import { judgeCause, judgeLogged, type LiveCondition } from '../cause.ts';
import { defineCheck, type Found, found, inconclusive, notApplicable, type Outcome, passed } from '../check.ts';
import { awaitsServer, hasFailed, type Moment } from '../entry.ts';
import type { FunctionExecution, Order, PanelServer, WingsView } from '../evidence.ts';
import { cleanForeignText } from '../foreign-text.ts';
import { judgeOwnServer, namesServer } from '../named-server.ts';
import { type EvidenceItem, mapReading, type Reading } from '../reading.ts';

interface Facts {
  /** `null` when only the log line is known. */
  readonly seen: Pick<WingsView, 'nodeName' | 'state' | 'askedThrough'> | null;
}

export const wingsSilent = defineCheck({
  id: 'wings-silent',
  code: 'INS-003',
  stage: 'install',
  role: 'cause',
  severity: 'critical',
  title: 'Wings on the node does not answer',
  on: ['order'],
  needs: ['namedServer'],
  uses: ['person', 'linkedPanelUser', 'emailPanelUser', 'wings', 'executions'],
  appliesTo: ({ order }) => awaitsServer(order) || namesServer(order),
  evaluate(readings, { order }, moment) {
    return order.serverId === null
      ? judgeAwaiting(order, moment, readings.wings, readings.executions)
      : judgeOwnServer(readings, (server) => judgeServer(server, readings.wings));
  },
  explain: ({ seen }) => ({
    what:
      seen === null ? "The panel could not hand this order's server over to Wings on its node." : describeWings(seen),
    why: 'Wings is the program that installs and runs the servers of a node: while it is silent, none is made or started there.',
    next: 'Restart Wings on the node and compare its token and address with those of the panel; then retry or start the server.',
  }),
  tellCustomer: () =>
    'The machine for your server is not answering at the moment. We are looking into it; you do not need to do anything.',
  remediation: null,
});

/** An order without a server: the node it would be placed on, and what its log says of the attempt. */
function judgeAwaiting(
  order: Order,
  moment: Moment,
  wings: Reading<WingsView | null>,
  executions: Reading<readonly FunctionExecution[]>,
): Outcome<Facts> {
  const logged = { order, moment, executions, kinds: ['wings-silent'], factsOf: () => ({ seen: null }) } as const;
  if (wings.kind === 'unknown') {
    return hasFailed(order, moment)
      ? judgeCause<Facts, 'wings-silent'>({ ...logged, live: wings })
      : judgeLogged(logged);
  }
  const view = wings.value;
  if (view === null) return judgeLogged<Facts, 'wings-silent'>(logged);
  return judgeCause<Facts, 'wings-silent'>({ ...logged, live: mapReading(wings, () => liveCondition(view)) });
}

function liveCondition(wings: WingsView): LiveCondition<Facts> {
  return {
    present: isSilent(wings),
    facts: { seen: wings },
    confidence: confidenceOf(wings),
    evidence: [wingsEvidence(wings)],
  };
}

/** An order with a server: whether its node still answers. An installed server is not doubted for want of a look. */
function judgeServer(server: PanelServer, wings: Reading<WingsView | null>): Outcome<Facts> {
  const isInstalling = server.status === 'installing';
  if (!isInstalling && (server.status !== null || server.suspended)) return notApplicable;
  if (wings.kind === 'unknown') return isInstalling ? inconclusive(wings.failure) : notApplicable;
  const view = wings.value;
  if (view === null) return notApplicable;
  if (isSilent(view)) return foundWith(view, confidenceOf(view));
  // While it installs, Wings may not list the server yet.
  return view.state === 'server-unknown' && !isInstalling ? foundWith(view, 'likely') : passed;
}

function foundWith(wings: WingsView, confidence: Found<Facts>['confidence']): Found<Facts> {
  return found({ facts: { seen: wings }, confidence, evidence: [wingsEvidence(wings)] });
}

function isSilent({ state }: WingsView): boolean {
  return state === 'unreachable' || state === 'token-mismatch' || state === 'failing';
}

/** The bot is elsewhere on the network than the panel: what it does not reach, the panel may. */
function confidenceOf({ askedThrough }: WingsView): Found<Facts>['confidence'] {
  return askedThrough === 'panel' ? 'confirmed' : 'likely';
}

function wingsEvidence(wings: WingsView): EvidenceItem {
  return {
    source: 'pterodactyl',
    at: null,
    text: describeWings(wings),
    ref: { kind: 'panel-node', id: wings.nodeId },
  };
}

function describeWings({
  nodeName,
  state,
  askedThrough,
}: Pick<WingsView, 'nodeName' | 'state' | 'askedThrough'>): string {
  const wings = `Wings on node ${cleanForeignText(nodeName, 40)}`;
  const asker = askedThrough === 'panel' ? 'the panel' : 'the bot';
  switch (state) {
    case 'up':
      return `${wings} answers ${asker}.`;
    case 'unreachable':
      return `${wings} cannot be reached by ${asker}.`;
    case 'token-mismatch':
      return `${wings} refuses ${asker}: the tokens on both sides differ.`;
    case 'server-unknown':
      return `${wings} answers, but does not know this server.`;
    case 'failing':
      return `${wings} answers ${asker} with errors only.`;
  }
}
