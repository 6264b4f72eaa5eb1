import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { commands } from '../../src/commands/index.ts';
import type { ActionEngine } from '../../src/core/act.ts';
import { type Action, defineAction, refuse } from '../../src/core/action.ts';
import { actions } from '../../src/core/actions/index.ts';
import type { ActionId } from '../../src/core/check.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Desk } from '../../src/core/desk.ts';
import type { Doctor } from '../../src/core/diagnosis.ts';
import type { Order } from '../../src/core/evidence.ts';
import { createFrontDesk } from '../../src/core/front-desk.ts';
import type { Office } from '../../src/core/office.ts';
import { succeed } from '../../src/core/result.ts';
import type { Store } from '../../src/core/store-ports.ts';
import { answers, EXECUTION_MAX, ports } from '../builders/actions.ts';
import { LINKS } from '../builders/diagnosis.ts';
import { aFailedOrder, anAccount, anOrder, aPerson, aProfile } from '../builders/merchant.ts';
import { HOUR, MINUTE, MOMENT } from '../builders/time.ts';
import { createMemoryStore } from './memory-store.ts';

/** A purchase of somebody who has made another one, too. */
export interface Bought {
  readonly orderId: string;
  readonly otherOrderId: string;
}

/** The real desk, commands and rights, over a shop in memory in which whatever is offered can be done. */
export interface PolicyDesk {
  readonly desk: Desk;
  readonly store: Store;
  readonly bugs: readonly unknown[];
  /** An order on which this action is possible, and no other. */
  buy(action: ActionId): Bought;
  /** Who did something to the order, by their ids. */
  doersOn(orderId: string): readonly string[];
}

const target = z.object({ orderId: z.string() });

/** No checks are needed: nothing here depends on what is wrong. */
export function openPolicyDesk(): PolicyDesk {
  const store = createMemoryStore();
  const orders = new Map<string, Order>();
  const possible = new Map<string, ActionId>();
  const deeds: { readonly orderId: string; readonly by: string }[] = [];
  const bugs: unknown[] = [];

  /** Under the real one's name and right, something that only leaves a note. */
  const harmless = ({ id, label, permission, style, asksTwice, asksForReason }: Action): Action =>
    defineAction<never, z.output<typeof target>>({
      id,
      label,
      permission,
      style,
      ...(asksTwice === undefined ? {} : { asksTwice }),
      ...(asksForReason === undefined ? {} : { asksForReason }),
      on: ['order'],
      needs: [],
      target,
      guard({ entry: { subject } }) {
        if (subject.kind !== 'order' || possible.get(subject.order.id) !== id) return refuse('Not on this one.');
        return { kind: 'allowed', target: { orderId: subject.order.id }, warnings: [] };
      },
      plan: () => ({ what: `${label} is tried.`, changes: [], steps: [{ name: 'note', label: 'Leave a note' }] }),
      async effect(_ports, { orderId }, claim) {
        await claim.step('note', async () => {
          deeds.push({ orderId, by: claim.actor.id });
          return { kind: 'done', words: 'A note was left.' };
        });
      },
      verify: async () => ({ kind: 'applied', words: 'The note is there.' }),
    });

  const doctor: Doctor = {
    checks: [],
    sources: {
      orders: {
        byId: async (id) => succeed(orders.get(id) ?? null),
        ofPerson: async (userId) => succeed([...orders.values()].filter((order) => order.userId === userId)),
        bySubscriptions: answers([]),
        byServer: answers([]),
        serversOfPlan: answers([]),
      },
      people: {
        idByEmail: answers(null),
        byId: async (userId) => succeed(aPerson({ userId, email: `${userId.slice(0, 8)}@example.com` })),
        profileOf: answers(aProfile()),
        externalAccountOf: answers(anAccount()),
      },
      nodes: { all: answers([]) },
      payments: null,
      panel: null,
      functions: null,
      vouches: store.vouches,
    },
    settings: {
      planEggs: new Map(),
      addresses: {
        supabaseUrl: 'https://ref.supabase.co',
        functionsUrl: 'https://ref.supabase.co/functions/v1',
        projectRef: null,
        webhookFunction: 'stripe-webhook',
      },
      deadlineMs: 1000,
    },
    grace: MOMENT.grace,
    clock: systemClock,
  };
  const engine: ActionEngine = {
    actions: actions.map(harmless),
    openDoctor: () => doctor,
    openPorts: () => ports(),
    store,
    clock: systemClock,
    holder: 'here',
    settings: { executionMaxMs: EXECUTION_MAX, holdMs: 30_000, pollMs: 50, followMs: 10_000 },
  };
  const office: Office = {
    doctor,
    engine,
    links: LINKS,
    overview: {
      orders: {
        unsettled: async (limit) => succeed([...orders.values()].filter((o) => o.status === 'error').slice(0, limit)),
      },
      payments: null,
    },
  };
  const desk = createFrontDesk(office, commands, (error) => {
    bugs.push(error);
    return 'ref-1';
  });

  return {
    desk,
    store,
    bugs,
    buy(action) {
      const userId = randomUUID();
      const [orderId, otherOrderId] = [randomUUID(), randomUUID()];
      const now = Date.now();
      const createdAt = new Date(now - HOUR - MINUTE);
      const updatedAt = new Date(now - HOUR);
      orders.set(orderId, aFailedOrder({ id: orderId, userId, createdAt, updatedAt }));
      orders.set(otherOrderId, anOrder({ id: otherOrderId, userId, createdAt, updatedAt }));
      possible.set(orderId, action);
      return { orderId, otherOrderId };
    },
    doersOn: (orderId) => deeds.filter((deed) => deed.orderId === orderId).map(({ by }) => by),
  };
}
