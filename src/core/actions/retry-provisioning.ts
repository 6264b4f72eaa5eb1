import { z } from 'zod';
import { defineAction, refuse, type Sight, type Watch } from '../action.ts';
import type { Invocation } from '../action-ports.ts';
import type { StepEnd, StepRecord } from '../claim.ts';
import { endOfCompareAndSet } from '../effect-step.ts';
import { isGameServer } from '../entry.ts';
import type { Order, PanelServer } from '../evidence.ts';
import { isCleanAnswer, panelSettlesMs, reasonIn, saysNotPaid } from '../execution.ts';
import { describeFailure } from '../failure.ts';
import { cleanForeignText } from '../foreign-text.ts';
import {
  clockTime,
  couldNotLook,
  firstOf,
  orderOf,
  ownerIdsIn,
  refusalOfDuplicate,
  refusalOfPayment,
  refusalOfRunning,
  refusalOfServer,
  refusalOfStanding,
  warningsOf,
} from './refusals.ts';
import { searchRenamed, searchServers } from './server-search.ts';

const target = z.object({
  orderId: z.string(),
  userId: z.string(),
  /** The row as the guard saw it. */
  seen: z.object({ status: z.string(), updatedAt: z.coerce.date() }),
  ownerIds: z.array(z.number()),
});

/** An order in one of these has been paid for and waits for its server. */
const retriableStatuses: readonly string[] = ['pending', 'paid', 'provisioning', 'error'];
const reasonLength = 300;
/** Whatever the guard concluded from that time is worth nothing then. */
const timeNotKept =
  'The table did not note the time of this change (orders.updated_at), so nobody can tell whether a run is at work on the order. Let a trigger keep that column.';

/** Gives a paid order to the provisioning function again. */
export const retryProvisioning = defineAction({
  id: 'retry-provisioning',
  label: 'Retry provisioning',
  permission: 'act.retry',
  style: 'primary',
  on: ['order'],
  needs: ['orders', 'people', 'orderWriter', 'caller', 'panel'],
  target,
  guard(situation) {
    const order = orderOf(situation.entry);
    const refusal = firstOf(
      () => (isGameServer(order) ? null : 'This order is not for a game server: it is fulfilled by hand.'),
      () => refusalOfServer(situation),
      () => (order.status === 'canceled' ? 'This order is canceled.' : null),
      () => (retriableStatuses.includes(order.status) ? null : unfitStatus(order.status)),
      () => refusalOfPayment(situation),
      () => refusalOfDuplicate(situation),
      () => refusalOfRunning(situation),
      () => refusalOfStanding(situation),
    );
    if (refusal !== null) return refuse(refusal);
    const { id: orderId, userId, status, updatedAt } = order;
    return {
      kind: 'allowed',
      target: { orderId, userId, seen: { status, updatedAt }, ownerIds: [...ownerIdsIn(situation)] },
      warnings: warningsOf(situation),
    };
  },
  async look(ports, given, situation, signal) {
    // The diagnosis looks among the person's own servers; the function may have given it to another panel account.
    const sought = { order: orderOf(situation.entry), ownerIds: given.ownerIds };
    const [found, renamed] = await Promise.all([
      searchServers(sought, ports, signal),
      searchRenamed(sought, ports, signal),
    ]);
    if (!found.ok) return refuse(couldNotLook('Whether the panel has a server of this order already', found.failure));
    if (found.value.length > 0) {
      return refuse(
        `The panel has ${serversIn(found.value)} of this order's name that no order accounts for. Look at it there first.`,
      );
    }
    if (!renamed.ok) {
      return refuse(couldNotLook('Whether the customer has a server that no order accounts for', renamed.failure));
    }
    if (renamed.value.length > 0) {
      return refuse(
        `The customer has ${serversIn(renamed.value)}, made since this order was, that no order accounts for. It may be this order's under another name: look at it in the panel first, and give it an external id there if it is not.`,
      );
    }
    return { kind: 'allowed', target: given, warnings: [] };
  },
  plan: ({ orderId, seen }) => ({
    what: `Give order ${orderId} to the provisioning function again.`,
    changes: [
      { thing: 'Status of the order', before: seen.status, after: 'paid, then what the provisioning function writes' },
      { thing: 'Server of the order', before: 'none', after: 'one, made by the provisioning function' },
    ],
    steps: [
      { name: 'reset', label: `Set the status to "paid", only if it is still "${seen.status}"` },
      { name: 'invoke', label: 'Call the provisioning function once' },
    ],
  }),
  async effect({ orders, orderWriter, caller }, { orderId, seen }, claim, signal) {
    const row = { id: orderId, status: seen.status, updatedAt: seen.updatedAt, serverId: null };
    const reset = await claim.step('reset', async () => {
      const end = endOfCompareAndSet(await orderWriter.setStatusIf(row, 'paid', signal), {
        done: `The status was set from "${seen.status}" to "paid".`,
        changed: 'The order has changed meanwhile, so nothing was written.',
      });
      if (end.kind !== 'done') return end;
      const written = await orders.byId(orderId, signal);
      const isTimeKept = !written.ok || written.value === null || written.value.updatedAt > seen.updatedAt;
      return isTimeKept ? end : { kind: 'failed', words: timeNotKept };
    });
    if (reset.kind === 'failed' && seen.status !== 'paid') {
      await claim.step('record-failure', async () =>
        endOfCompareAndSet(await orderWriter.setStatusIf({ ...row, status: 'paid' }, seen.status, signal), {
          done: `The status was set back to "${seen.status}".`,
          changed: 'The order has changed meanwhile, so its status was left alone.',
        }),
      );
    }
    if (reset.kind !== 'done') return;
    const invoked = await claim.step('invoke', async () => endOfInvocation(await caller.provision(orderId, signal)));
    if (invoked.kind !== 'failed' && invoked.kind !== 'refused') return;
    // Whoever took the order is at work on it: its status is theirs.
    if (invoked.data?.['taken'] === true) return;
    // The function leaves its order in "provisioning" when it fails, which it then refuses itself.
    const after = await orders.byId(orderId, signal);
    if (!after.ok || after.value === null || !isLeftBehind(after.value)) return;
    const left = after.value;
    // No run of ours can have written that.
    if (invoked.kind === 'refused' && left.status !== 'paid') return;
    const status = invoked.kind === 'refused' ? seen.status : 'error';
    if (left.status === status) return;
    await claim.step('record-failure', async () => ({
      ...endOfCompareAndSet(await orderWriter.setStatusIf(left, status, signal), {
        done: `The status was set from "${left.status}" to "${status}".`,
        changed: 'The order has changed meanwhile, so its status was left alone.',
      }),
      data: { status },
    }));
  },
  async verify(ports, { orderId, ownerIds }, watch, signal) {
    const order = await ports.orders.byId(orderId, signal);
    if (!order.ok) return unknownBut(`The order could not be read: ${describeFailure(order.failure)}`);
    if (order.value === null) return { kind: 'not-applied', words: 'The order is gone.' };
    const servers = await searchServers({ order: order.value, ownerIds }, ports, signal);
    if (order.value.serverId !== null) {
      const named = await ports.panel.server(order.value.serverId, signal);
      if (!named.ok)
        return unknownBut(`Server ${order.value.serverId} could not be looked at: ${describeFailure(named.failure)}`);
      const others = servers.ok ? servers.value : [];
      return judgeNamed(order.value, named.value, others, watch);
    }
    if (!servers.ok) return unknownBut(`The panel could not be searched: ${describeFailure(servers.failure)}`);
    return judgeWithout(servers.value, watch);
  },
});

function unfitStatus(status: string): string {
  return `An order in status "${cleanForeignText(status, 40)}" is not one that waits for provisioning.`;
}

function isLeftBehind(order: Order): boolean {
  return order.serverId === null && (order.status === 'paid' || order.status === 'provisioning');
}

function endOfInvocation({ kind, status, body, executionId }: Invocation): StepEnd {
  const reason = cleanForeignText(reasonIn(body) ?? body, reasonLength);
  const data = { status, executionId, clean: isCleanAnswer(status, body) };
  switch (kind) {
    case 'succeeded':
      return { kind: 'done', words: 'The provisioning function answered that it is done.', data };
    case 'failed':
      return saysNotPaid(status, body)
        ? {
            kind: 'refused',
            words: 'The provisioning function did not take the order: something else had begun to work on it.',
            data: { ...data, taken: true },
          }
        : { kind: 'failed', words: `The provisioning function failed: ${reason}`, data };
    case 'not-run':
      return {
        kind: 'refused',
        words: `The provisioning function was not run (${status ?? 'no connection'}): ${reason}`,
        data,
      };
    case 'died':
      return {
        kind: 'failed',
        words: `The provisioning function crashed or hit a limit (${status}).`,
        data: { ...data, clean: false },
      };
    case 'unanswered':
      return {
        kind: 'unclear',
        words:
          status === null
            ? 'The provisioning function did not answer in time.'
            : `Something in between answered for the provisioning function (${status}).`,
        data,
      };
  }
}

function judgeNamed(order: Order, server: PanelServer | null, others: readonly PanelServer[], watch: Watch): Sight {
  if (server === null) {
    return settled(watch)
      ? {
          kind: 'not-applied',
          words: `The order names server ${order.serverId}, which the panel does not have (SRV-001).`,
        }
      : unknownBut(`The order names server ${order.serverId}; the panel does not show it yet.`);
  }
  const state = server.status === null ? 'ready' : cleanForeignText(server.status, 40);
  const twice =
    others.length === 0
      ? ''
      : ` Careful: the panel also has ${serversIn(others)}, which no order accounts for (SRV-003); something else called the function at the same time.`;
  return {
    kind: 'applied',
    words: `The order has server ${server.id} (${server.identifier}), and the panel has it: ${state}.${twice}`,
  };
}

/** The row names no server: whether one may still come depends on how the call of the function ended. */
function judgeWithout(found: readonly PanelServer[], watch: Watch): Sight {
  const { steps } = watch.claim;
  const reset = steps.find(({ name }) => name === 'reset');
  const invoked = steps.find(({ name }) => name === 'invoke');
  if (invoked === undefined) {
    return {
      kind: 'not-applied',
      words: `${wordsOfReset(reset)} The provisioning function was not called.`,
    };
  }
  const until = settlesAt(invoked, watch.executionMaxMs);
  if (watch.now < until) return waiting(invoked, found, until);
  if (found.length > 0) {
    return {
      kind: 'not-applied',
      words: `The panel has ${serversIn(found)} of this order, but the order does not know it (SRV-002): link it to the order. Do not retry.`,
    };
  }
  return {
    kind: 'not-applied',
    words: `${invoked.end?.words ?? 'The call was cut off.'} The panel has no server of this order.`,
  };
}

function wordsOfReset(reset: StepRecord | undefined): string {
  if (reset === undefined) return 'Nothing was written.';
  return reset.end?.words ?? 'The write of the status was cut off: it may say "paid" now.';
}

function waiting(invoked: StepRecord, found: readonly PanelServer[], until: Date): Sight {
  const seen =
    found.length > 0
      ? `The panel has ${serversIn(found)} of this order; the order does not name it yet.`
      : 'No server is there yet.';
  const untilWords = `Watching until ${clockTime(until)}; nobody should retry before.`;
  return invoked.end === null || invoked.end.kind === 'unclear'
    ? {
        kind: 'undecided',
        as: 'unknown',
        words: `${invoked.end?.words ?? 'The call was cut off.'} It may still be at work. ${seen} ${untilWords}`,
      }
    : { kind: 'undecided', as: 'pending', words: `${invoked.end.words} ${seen} ${untilWords}` };
}

/** When nothing more can come of a call of the function. */
function settlesAt({ begunAt, endedAt, end }: StepRecord, executionMaxMs: number): Date {
  if (end === null || endedAt === null || end.kind === 'unclear') {
    return new Date(begunAt.getTime() + executionMaxMs + panelSettlesMs);
  }
  const isOver = end.kind === 'refused' || end.data?.['clean'] === true;
  return isOver ? endedAt : new Date(endedAt.getTime() + panelSettlesMs);
}

function settled({ claim, now, executionMaxMs }: Watch): boolean {
  const invoked = claim.steps.find(({ name }) => name === 'invoke');
  return invoked === undefined || now >= settlesAt(invoked, executionMaxMs);
}

function serversIn(servers: readonly PanelServer[]): string {
  return `${servers.length === 1 ? 'server' : 'servers'} ${servers.map(({ id }) => id).join(', ')}`;
}

function unknownBut(words: string): Sight {
  return { kind: 'undecided', as: 'unknown', words };
}
