import { z } from 'zod';
import { type Card, text } from '../core/card.ts';
import { noteCard } from '../core/cards/action-cards.ts';
import { defineCommand } from '../core/command.ts';
import { statusAgeMs, statusGraceMs } from '../core/entry.ts';
import { describeFailure } from '../core/failure.ts';
import { chooseAmong } from '../core/office.ts';
import { inWords } from '../core/duration.ts';

const mostListed = 25;
/** Read before those in grace and of another status are left out. */
const mostRead = 200;

/** Lists the orders that are not where they should be. */
export const pterodocOrders = defineCommand({
  name: 'pterodoc orders',
  summary: 'List the orders that are not healthy now, newest first',
  permission: 'overview.read',
  input: {
    status: z
      .string()
      .regex(/^[a-z_]{1,30}$/)
      .optional()
      .describe('only orders in this status, for example error'),
  },
  async run({ status }, { place, office }) {
    const { doctor, engine, overview } = office;
    const now = engine.clock.now();
    const visibility = place === 'staff' ? 'channel' : 'private';
    const found = await overview.orders.unsettled(mostRead, AbortSignal.timeout(doctor.settings.deadlineMs));
    if (!found.ok)
      return { card: noteCard('The orders could not be read', describeFailure(found.failure), now), visibility };
    const moment = { now, grace: doctor.grace };
    const orders = found.value.filter(
      (order) =>
        (status === undefined || order.status === status) &&
        statusAgeMs(order, moment) > statusGraceMs(order.status, doctor.grace),
    );
    const isWhole = found.value.length < mostRead;
    if (orders.length === 0) {
      const which = status === undefined ? '' : ` in status "${status}"`;
      const card: Card = isWhole
        ? { ...noteCard('No order waits', `No order${which} is stuck or in error.`, now), tone: 'good' }
        : noteCard('None among the newest', `None of the newest ${mostRead} orders${which} is stuck or in error.`, now);
      return { card, visibility };
    }
    const listed = orders.slice(0, mostListed);
    const count = isWhole ? String(orders.length) : `At least ${orders.length}`;
    const select = await chooseAmong(
      office,
      'Look at one',
      listed.map((order) => ({
        subject: `order:${order.id}` as const,
        label: `${order.id.slice(0, 8)} ${order.lacks.has('serverName') ? '' : (order.serverName ?? '')}`.trim(),
        description: `${order.status} for ${inWords(statusAgeMs(order, moment))}`,
      })),
    );
    return {
      card: {
        tone: 'bad',
        title: count === '1' ? '1 order is not healthy' : `${count} orders are not healthy`,
        summary:
          listed.length < orders.length || !isWhole
            ? `The newest ${listed.length} of them, by their status alone; choose one to have it examined.`
            : 'By their status alone; choose one to have it examined.',
        blocks: [
          {
            kind: 'table',
            columns: ['Changed', 'Order', 'Status', 'Plan', 'Region'],
            rows: listed.map((order) => [
              order.updatedAt,
              text(order.id),
              text(order.status, 30),
              text(order.lacks.has('plan') ? '–' : (order.planId ?? '–'), 30),
              text(order.lacks.has('region') ? '–' : (order.region ?? '–'), 30),
            ]),
          },
        ],
        ...(select === null ? {} : { select }),
        madeAt: now,
      },
      visibility,
    };
  },
});
