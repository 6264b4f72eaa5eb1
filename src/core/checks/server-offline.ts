import { defineCheck, found, notApplicable, passed } from '../check.ts';
import { judgeOwnServer, namesServer } from '../named-server.ts';

interface Facts {
  readonly serverId: number;
}

export const serverOffline = defineCheck({
  id: 'server-offline',
  code: 'SRV-005',
  stage: 'server',
  role: 'notice',
  severity: 'notice',
  title: 'The server is switched off',
  on: ['order'],
  needs: ['namedServer'],
  uses: ['person', 'linkedPanelUser', 'emailPanelUser', 'wings'],
  appliesTo: ({ order }) => namesServer(order),
  evaluate(readings) {
    const { wings } = readings;
    return judgeOwnServer<Facts>(readings, ({ id, status, suspended }) => {
      if (status !== null || suspended) return notApplicable;
      // Nobody could look, and a notice must not leave a running server in doubt.
      const power = wings.kind === 'known' ? (wings.value?.power ?? null) : null;
      if (power === null) return notApplicable;
      if (power !== 'offline' && power !== 'stopped') return passed;
      return found({
        facts: { serverId: id },
        confidence: 'confirmed',
        evidence: [
          {
            source: 'pterodactyl',
            at: null,
            text: `Panel server ${id} is installed; its power state is ${power}`,
            ref: { kind: 'panel-server', id },
          },
        ],
      });
    });
  },
  explain: ({ serverId }) => ({
    what: `Panel server ${serverId} is installed and switched off.`,
    why: 'Nothing is broken: nobody can join a server that is not started.',
    next: 'Tell the customer to start it; when it goes off again by itself, look at its console.',
  }),
  tellCustomer: () => 'Your server is ready and switched off. You can start it whenever you like.',
  remediation: null,
});
