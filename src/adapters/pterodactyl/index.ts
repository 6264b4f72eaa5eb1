import type { PanelReader } from '../../core/ports.ts';
import { createPanelApi } from './api.ts';
import { createNodeReads } from './nodes.ts';
import { createServerReads } from './servers.ts';
import { createUserReads } from './users.ts';
import { createWingsReads } from './wings.ts';

export { createPanelProber, type PanelProberConfig } from './prober.ts';

export interface PanelConfig {
  readonly url: string;
  /** `ptla_…`, with read permission for users, servers, nodes, allocations and eggs. */
  readonly applicationKey: string;
  /** `ptlc_…` of a root admin; without it Wings can only be knocked at. */
  readonly clientKey: string | null;
  /** Of one request, repetitions included. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 4000;

/** Reads the Pterodactyl panel. A node's configuration, which holds its token in clear, is never asked for. */
export function createPanelReader({ timeoutMs = TIMEOUT_MS, ...config }: PanelConfig): PanelReader {
  const api = createPanelApi({ ...config, timeoutMs });
  return {
    ...createUserReads(api),
    ...createServerReads(api),
    ...createNodeReads(api),
    ...createWingsReads({ ...config, timeoutMs }),
  };
}
