import type { Store } from '../../core/store-ports.ts';
import { createAuditLog } from './audit.ts';
import { createClaimStore } from './claims.ts';
import { createOfferStore } from './offers.ts';
import type { Database } from './tables.ts';
import { createVouchStore } from './vouches.ts';

/** The store on a database that is up to date. */
export function createStore(database: Database): Store {
  return {
    claims: createClaimStore(database),
    offers: createOfferStore(database),
    audit: createAuditLog(database),
    vouches: createVouchStore(database),
  };
}
