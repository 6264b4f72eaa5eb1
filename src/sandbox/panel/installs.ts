import type { WorldClock } from '../clock.ts';
import type { PanelServer, PanelState } from './state.ts';
import type { Wings } from './wings.ts';

/** The installations that run in the background on the nodes. */
export interface Installs {
  /** Starts one; its result reaches the panel after the installation time, unless Wings cannot report it. */
  begin(server: PanelServer, isReinstall: boolean): void;
  isRunning(server: PanelServer): boolean;
  cancel(server: PanelServer): void;
  /** The next installation on this node fails. */
  failNext(nodeId: number): void;
  /** Decides every further installation of this egg. */
  setEggOutcome(eggId: number, outcome: InstallOutcome): void;
  eggOutcome(eggId: number): InstallOutcome;
  /** Decides every further installation of this server, before its egg does. */
  setServerOutcome(serverId: number, outcome: InstallOutcome): void;
  stop(): void;
}

/** `hangs`: the container environment could not be created, which Wings never reports. */
export type InstallOutcome = 'succeeds' | 'fails' | 'hangs';

export function createInstalls(state: PanelState, wings: Wings, clock: WorldClock, installMs: number): Installs {
  const running = new Map<number, NodeJS.Timeout>();
  const failingNodes = new Set<number>();
  const eggOutcomes = new Map<number, InstallOutcome>();
  const serverOutcomes = new Map<number, InstallOutcome>();

  const outcomeOf = (server: PanelServer): InstallOutcome =>
    failingNodes.delete(server.nodeId)
      ? 'fails'
      : (serverOutcomes.get(server.id) ?? eggOutcomes.get(server.eggId) ?? 'succeeds');

  function finish(server: PanelServer, outcome: InstallOutcome, isReinstall: boolean): void {
    running.delete(server.id);
    const mode = wings.modeOf(server.nodeId);
    const canReport = mode === 'up' || mode === 'refuses';
    if (!canReport || outcome === 'hangs' || state.servers.get(server.id) === undefined) return;
    if (server.status !== 'suspended') {
      const failed = isReinstall ? 'reinstall_failed' : 'install_failed';
      server.status = outcome === 'fails' ? failed : null;
    }
    server.updatedAt = clock.now();
    if (outcome === 'succeeds' && server.startsOnCompletion) wings.setPower(server, 'running');
  }

  const cancel = (server: PanelServer): void => {
    clearTimeout(running.get(server.id));
    running.delete(server.id);
  };

  return {
    begin(server, isReinstall) {
      cancel(server);
      const outcome = outcomeOf(server);
      const timer = setTimeout(() => finish(server, outcome, isReinstall), installMs);
      running.set(server.id, timer.unref());
    },
    isRunning: (server) => running.has(server.id),
    cancel,
    failNext: (nodeId) => void failingNodes.add(nodeId),
    setEggOutcome: (eggId, outcome) => void eggOutcomes.set(eggId, outcome),
    eggOutcome: (eggId) => eggOutcomes.get(eggId) ?? 'succeeds',
    setServerOutcome: (serverId, outcome) => void serverOutcomes.set(serverId, outcome),
    stop() {
      for (const timer of running.values()) clearTimeout(timer);
      running.clear();
    },
  };
}
