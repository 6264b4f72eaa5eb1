import { defineCheck, found, inconclusive, passed } from '../check.ts';
import { judgeOwnServer, namesServer } from '../named-server.ts';

interface Facts {
  readonly serverId: number;
  readonly status: 'install_failed' | 'reinstall_failed';
}

/** What else the panel may say of a server; a word it never used before may mean anything. */
const otherStatuses: ReadonlySet<string> = new Set(['installing', 'suspended', 'restoring_backup']);

export const installFailed = defineCheck({
  id: 'install-failed',
  code: 'INS-001',
  stage: 'install',
  role: 'cause',
  severity: 'critical',
  title: 'The installation failed',
  on: ['order'],
  needs: ['namedServer'],
  uses: ['person', 'linkedPanelUser', 'emailPanelUser'],
  appliesTo: ({ order }) => namesServer(order),
  evaluate(readings) {
    return judgeOwnServer<Facts>(readings, ({ id, status }) => {
      if (status !== 'install_failed' && status !== 'reinstall_failed') {
        return status === null || otherStatuses.has(status)
          ? passed
          : inconclusive({ source: 'pterodactyl', kind: 'unexpected-shape', path: 'server.status' });
      }
      return found({
        facts: { serverId: id, status },
        confidence: 'confirmed',
        evidence: [
          {
            source: 'pterodactyl',
            at: null,
            text: `Panel server ${id} has status ${status}`,
            ref: { kind: 'panel-server', id },
          },
        ],
      });
    });
  },
  explain: ({ serverId, status }) => ({
    what: `The ${status === 'install_failed' ? 'installation' : 'reinstallation'} of panel server ${serverId} failed (${status}).`,
    why: 'The server exists and takes up its memory and port, but the game is not on it.',
    next: 'Reinstall the server; when it fails again, read the install log on its node.',
  }),
  tellCustomer: () =>
    'Your server has been created, but setting up the game on it did not succeed. We are taking care of it; you do not need to do anything.',
  remediation: 'reinstall-server',
});
