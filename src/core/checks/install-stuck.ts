import { defineCheck, found, passed } from '../check.ts';
import { inWords } from '../duration.ts';
import { installationAgeMs } from '../entry.ts';
import { judgeOwnServer, namesServer } from '../named-server.ts';

interface Facts {
  readonly serverId: number;
  readonly ageMs: number;
  readonly graceMs: number;
}

export const installStuck = defineCheck({
  id: 'install-stuck',
  code: 'INS-002',
  stage: 'install',
  role: 'symptom',
  severity: 'warning',
  title: 'The installation takes too long',
  on: ['order'],
  needs: ['namedServer'],
  uses: ['person', 'linkedPanelUser', 'emailPanelUser'],
  appliesTo: ({ order }) => namesServer(order),
  evaluate(readings, { order }, moment) {
    return judgeOwnServer<Facts>(readings, (server) => {
      if (server.status !== 'installing') return passed;
      const ageMs = installationAgeMs(order, server, moment);
      if (ageMs <= moment.grace.installingMs) return passed;
      return found({
        facts: { serverId: server.id, ageMs, graceMs: moment.grace.installingMs },
        confidence: 'confirmed',
        evidence: [
          {
            source: 'pterodactyl',
            at: new Date(moment.now.getTime() - ageMs),
            text: `Panel server ${server.id} has been installing since then at the latest`,
            ref: { kind: 'panel-server', id: server.id },
          },
        ],
      });
    });
  },
  explain: ({ serverId, ageMs, graceMs }) => ({
    what: `Panel server ${serverId} has been installing for ${inWords(ageMs)}; ${inWords(graceMs)} is usual.`,
    why: 'The panel learns the end of an installation from the node once; when that word is lost, "installing" stays for ever.',
    next: 'See whether the node answers, and read the install log there before anything is started over.',
  }),
  tellCustomer: () =>
    'Your server is being set up. That is taking longer than usual; we are looking into it and you do not need to do anything.',
  remediation: null,
});
