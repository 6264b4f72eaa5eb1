import type { PanelSearch, PanelWriter } from '../../core/action-ports.ts';
import type { PanelReader } from '../../core/ports.ts';
import { createPanelApi } from './api.ts';
import { createNodeReads } from './nodes.ts';
import { createServerSearch } from './search.ts';
import { createServerReads } from './servers.ts';
import { createUserReads } from './users.ts';
import { createWingsReads } from './wings.ts';
import { createPanelWrites } from './writes.ts';

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

/** What a write or a search needs of it: neither asks the Client API. */
export type PanelAccess = Omit<PanelConfig, 'clientKey'>;

const TIMEOUT_MS = 4000;
/** The panel may wait 15 s for Wings, and 15 s more for what it tidies up. */
const WRITE_TIMEOUT_MS = 40_000;

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

/** Writes to the panel, each asked once. After a failure it may have been done: whoever asked looks again. */
export function createPanelWriter({ timeoutMs = WRITE_TIMEOUT_MS, ...access }: PanelAccess): PanelWriter {
  return createPanelWrites(createPanelApi({ ...access, timeoutMs }));
}

/** Looks through the panel for what only actions look for. */
export function createPanelSearch({ timeoutMs = TIMEOUT_MS, ...access }: PanelAccess): PanelSearch {
  return createServerSearch(createPanelApi({ ...access, timeoutMs }));
}
