import type { PanelCore } from './core.ts';
import { removeServer } from './create-server.ts';
import type { PanelServer, ServerStatus } from './state.ts';
import { alreadyInstalling, DaemonError } from './wings.ts';

function setStatus({ clock }: PanelCore, server: PanelServer, status: ServerStatus): void {
  server.status = status;
  server.updatedAt = clock.now();
}

/** Runs the egg's script again, whatever the status; the status changes only if Wings accepts. */
export async function reinstallServer(core: PanelCore, server: PanelServer): Promise<void> {
  await core.wings.callAbout(server);
  if (core.installs.isRunning(server)) throw alreadyInstalling(core.identity.uuid('install', server.id));
  setStatus(core, server, 'installing');
  core.wings.setPower(server, 'offline');
  core.installs.begin(server, true);
}

/** Does nothing when it is already so; when Wings fails, the opposite state is what remains. */
export async function setSuspension(core: PanelCore, server: PanelServer, isSuspended: boolean): Promise<void> {
  if ((server.status === 'suspended') === isSuspended) return;
  setStatus(core, server, isSuspended ? 'suspended' : null);
  try {
    await core.wings.callAbout(server);
  } catch (problem) {
    setStatus(core, server, isSuspended ? null : 'suspended');
    throw problem;
  }
  if (isSuspended) core.wings.setPower(server, 'offline');
}

/** Wings must confirm; that it does not know the server is confirmation enough. */
export async function deleteServer(core: PanelCore, server: PanelServer): Promise<void> {
  try {
    await core.wings.callAbout(server);
  } catch (problem) {
    if (!(problem instanceof DaemonError) || problem.wingsStatus !== 404) throw problem;
  }
  removeServer(core, server);
}
