import { z } from 'zod';
import { defineCommand } from '../core/command.ts';
import { noteCard } from '../core/cards/action-cards.ts';
import { consult } from '../core/office.ts';
import { parseQuery } from '../core/query.ts';

/** Says where a purchase stands, and why. */
export const serverStatus = defineCommand({
  name: 'server-status',
  summary: 'Say where a purchase broke, why, and what to do',
  permission: 'diagnose.any',
  input: { who: z.string().describe('e-mail, order id, panel server id or Stripe id') },
  async run({ who }, { place, office }) {
    const query = parseQuery(who);
    if (!query.ok) {
      const card = noteCard('That could not be looked for', query.failure, office.engine.clock.now());
      return { card, visibility: 'private' };
    }
    const card = await consult(office, { query: query.value, place });
    return { card, visibility: place === 'staff' ? 'channel' : 'private' };
  },
});
