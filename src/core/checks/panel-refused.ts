import { judgeLogged } from '../cause.ts';
import { defineCheck } from '../check.ts';
import { awaitsServer } from '../entry.ts';
import { cleanForeignText } from '../foreign-text.ts';

interface Facts {
  readonly status: number | null;
  /** The reason as it was logged, cleaned and cut; foreign words. */
  readonly text: string;
}

export const panelRefused = defineCheck({
  id: 'panel-refused',
  code: 'PRV-009',
  stage: 'provisioning',
  role: 'cause',
  severity: 'critical',
  title: 'Provisioning failed for another reason',
  on: ['order'],
  needs: [],
  uses: ['executions'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate({ executions }, { order }, moment) {
    return judgeLogged<Facts, 'other'>({
      order,
      moment,
      executions,
      kinds: ['other'],
      factsOf: ({ status, text }) => ({ status, text: cleanForeignText(text, 160) }),
    });
  },
  explain: ({ status, text }) => ({
    what: `Provisioning failed${status === null ? '' : ` with ${status}`}: ${text === '' ? 'no reason was given.' : `“${text}”`}`,
    why: 'It is none of the known reasons, so nobody but a person can tell whether a retry will do better.',
    next: 'Read the reason and remove it where you can, then retry the order.',
  }),
  tellCustomer: () =>
    'Your order has reached us. Creating your server did not succeed at the first attempt; we are looking into it and you do not need to do anything.',
  remediation: 'retry-provisioning',
});
