import type { WorldClock } from '../clock.ts';
import type { Identity } from './identity.ts';
import type { Installs } from './installs.ts';
import type { RateLimiter } from './rate-limit.ts';
import type { PanelState } from './state.ts';
import type { Wings } from './wings.ts';

/** Switches of the whole panel, changed at any time. */
export interface PanelSettings {
  /** `artisan down`: every call is answered 503. */
  inMaintenance: boolean;
  /** The panel demands two-factor authentication of everybody. */
  requiresTwoFactor: boolean;
  /** APP_KEY was changed: stored keys cannot be decrypted any more, every call is a 500. */
  hasLostAppKey: boolean;
  /** No mail can be queued: a new account is stored, and its creation answered 500 all the same. */
  hasDeadMailQueue: boolean;
  applicationPerMinute: number;
  clientPerMinute: number;
}

/** What the parts of the panel share. */
export interface PanelCore {
  readonly state: PanelState;
  readonly settings: PanelSettings;
  readonly clock: WorldClock;
  readonly identity: Identity;
  readonly wings: Wings;
  readonly installs: Installs;
  readonly rateLimiter: RateLimiter;
}
