import type { SandboxControls } from '../adapters/web/index.ts';
import type { Sandbox } from '../sandbox/index.ts';
import { openShopWindow } from '../sandbox/shop-window.ts';
import { createTroubles, type TroubleGroup, TroubleRefused } from '../sandbox/troubles/index.ts';

/** Where a trouble lies, as the heading above its switch says it. */
const groupTitles: Readonly<Record<TroubleGroup, string>> = {
  stripe: 'Stripe',
  supabase: 'Supabase',
  panel: 'The panel',
  nodes: 'Nodes',
};

/** What a visitor of the page can do to the sandbox behind it. */
export function openControls(sandbox: Sandbox): SandboxControls {
  const shop = openShopWindow(sandbox);
  const troubles = createTroubles(sandbox);
  return {
    customers: sandbox.customers.map(({ email, story }) => ({ email, story })),
    plans: shop.plans.map(({ id, title, amountCents }) => ({
      id,
      label: `${title}, ${(amountCents / 100).toFixed(2)} €`,
    })),
    regions: shop.regions.map(({ id, title }) => ({ id, label: title })),
    acts: troubles.acts.map(({ id, title, what }) => ({ id, title, what, to: 'customer' as const })),
    async purchase({ serverName, ...wish }) {
      const bought = await shop.purchase({ ...wish, ...(serverName === null ? {} : { serverName }) });
      if (!bought.ok) return { refused: bought.failure };
      return { sessionId: bought.value.sessionId, orderId: null };
    },
    troubles: async () => (await troubles.list()).map((trouble) => ({ ...trouble, group: groupTitles[trouble.group] })),
    break: (id) => troubles.break(id),
    mend: (id) => troubles.mend(id),
    async act(id, email) {
      if (email === null) return { refused: 'Say to whom it happens.' };
      try {
        await troubles.happen(id, email);
      } catch (error) {
        if (error instanceof TroubleRefused) return { refused: error.message };
        throw error;
      }
      const title = troubles.acts.find((act) => act.id === id)?.title ?? id;
      return { words: `${title}: done. Now ask about ${email}.` };
    },
  };
}
