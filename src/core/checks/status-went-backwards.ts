import { defineCheck, found, inconclusive, passed } from '../check.ts';
import { isGameServer, type Moment, statusAgeMs, statusGraceMs } from '../entry.ts';
import type { Order, PanelServer } from '../evidence.ts';
import { cutForeign } from '../foreign-text.ts';
import { statusEvidence } from '../order-evidence.ts';
import { ownerOf } from '../ownership.ts';
import type { EvidenceItem } from '../reading.ts';
import { renewalFailed } from '../renewal.ts';

interface Facts {
  readonly status: string;
  readonly serverId: number;
  /** The panel's word for the server's state; `null` is the normal state. */
  readonly serverStatus: string | null;
}

/** Statuses that claim that there is no server yet. */
const earlierStatuses: readonly string[] = ['pending', 'paid', 'provisioning', 'error'];

export const statusWentBackwards = defineCheck({
  id: 'status-went-backwards',
  code: 'ORD-005',
  stage: 'order',
  role: 'cause',
  severity: 'warning',
  title: 'The status went backwards: the server exists',
  on: ['order'],
  needs: ['namedServer'],
  uses: ['person', 'linkedPanelUser', 'emailPanelUser', 'payment'],
  appliesTo: ({ order }, moment) => claimsNoServer(order, moment),
  evaluate({ namedServer, payment, ...readings }, { order }) {
    if (namedServer === null) return passed;
    const owner = ownerOf(namedServer, readings);
    if (owner.kind === 'unknown') return inconclusive(owner.failure);
    if (owner.value === 'somebody-else') return passed;
    if (order.status === 'error') {
      if (payment.kind === 'unknown') return inconclusive(payment.failure);
      if (renewalFailed(payment.value)) return passed;
    }
    return found<Facts>({
      facts: { status: order.status, serverId: namedServer.id, serverStatus: stateOf(namedServer) },
      confidence: 'confirmed',
      evidence: [statusEvidence(order), serverEvidence(namedServer)],
    });
  },
  explain: ({ status, serverId, serverStatus }) => ({
    what: `The order says "${status}", yet its server ${serverId} exists in the panel (${serverStatus ?? 'normal state'}).`,
    why: `${reasons[status] ?? ''} Provisioning again would make a second server.`.trim(),
    next: 'Restore the status from the panel. Never provision this order again.',
  }),
  tellCustomer: () => 'Your server exists. We are correcting your order; you do not need to do anything.',
  remediation: 'restore-status',
});

const reasons: Readonly<Record<string, string>> = {
  paid: 'Every change of a subscription writes "paid", also over an order that was provisioned long ago.',
  provisioning: 'The panel made the server, but the result was not written to the order.',
  error: 'A call that failed writes "error" even when another one had just made the server.',
};

function claimsNoServer(order: Order, moment: Moment): boolean {
  if (!isGameServer(order) || order.serverId === null || !earlierStatuses.includes(order.status)) return false;
  return order.status !== 'provisioning' || statusAgeMs(order, moment) > statusGraceMs(order.status, moment.grace);
}

function stateOf(server: PanelServer): string | null {
  if (server.suspended) return 'suspended';
  return server.status === null ? null : cutForeign(server.status);
}

function serverEvidence(server: PanelServer): EvidenceItem {
  return {
    source: 'pterodactyl',
    at: null,
    text: `Server ${server.id} belongs to the customer's panel account; its state: ${stateOf(server) ?? 'normal'}`,
    ref: { kind: 'panel-server', id: server.id },
  };
}
