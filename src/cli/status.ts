import { commandFor, showProgress } from '../adapters/terminal/index.ts';
import { opinionsOn } from '../core/action-opinion.ts';
import { actions } from '../core/actions/index.ts';
import { diagnosisCard } from '../core/cards/diagnosis-card.ts';
import { diagnose } from '../core/diagnosis.ts';
import { diagnosisJson, exitCodeOf, printableJson } from '../core/diagnosis-json.ts';
import { parseQuery } from '../core/query.ts';
import { Ending, exits } from './ending.ts';
import { withMerchant } from './merchant.ts';
import { complain, print, printCard } from './output.ts';
import { lateVouches } from './own-store.ts';

/** `pterodoc status`. */
export async function status(
  who: string,
  options: { readonly json?: boolean; readonly details?: boolean },
): Promise<void> {
  const query = parseQuery(who);
  if (!query.ok) throw new Ending(exits.usage, query.failure);
  await withMerchant(async (config) => {
    // The clients of the outside systems take a while to load: only a command that asks them waits for that.
    const { assemble } = await import('../main.ts');
    const late = lateVouches(config);
    try {
      const { doctor, links } = assemble(config, late);
      const progress = showProgress('Reading Supabase, Stripe, the panel and the function logs');
      const diagnosis = await diagnose(query.value, doctor).finally(() => progress.end());
      const trouble = late.trouble();
      if (trouble !== null) complain(`Whether somebody vouched for an order could not be looked up. ${trouble}`);
      const opinions = opinionsOn(diagnosis, {
        actions,
        grace: doctor.grace,
        executionMaxMs: config.executionMaxMs,
      });
      if (options.json === true) print(printableJson(diagnosisJson(diagnosis, links, opinions)));
      else {
        const details = options.details ?? false;
        printCard(diagnosisCard(diagnosis, { links, emails: 'full', details, actions: { opinions, commandFor } }));
      }
      return exitCodeOf(diagnosis.state);
    } finally {
      await late.close();
    }
  });
}
