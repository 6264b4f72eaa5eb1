import { invalidKey, missingKey, missingPermission } from './errors.ts';

/** What a key may do: everything (a secret key) or the named `rak_…` permissions (a restricted key). */
export type KeyPermissions = 'all' | readonly string[];

/** The key of one request. */
export interface RequestKey {
  readonly livemode: boolean;
  /** Refuses with 403 when the key lacks the permission, for example `rak_event_read`. */
  require(permission: string): void;
}

/** The API keys of the account. */
export interface KeyRing {
  set(key: string, permissions: KeyPermissions): void;
  remove(key: string): void;
  /** Refuses with 401 when the header carries no key of this account. */
  authenticate(authorization: string | null): RequestKey;
}

/** A ring without keys. */
export function createKeyRing(accountId: string): KeyRing {
  const keys = new Map<string, KeyPermissions>();
  return {
    set(key, permissions) {
      if (!/^(?:sk|rk)_(?:test|live)_\w+$/.test(key)) throw new Error(`Not in the format of a Stripe key: ${key}`);
      keys.set(key, permissions);
    },
    remove(key) {
      keys.delete(key);
    },
    authenticate(authorization) {
      const key = keyOf(authorization);
      if (key === null || key === '') throw missingKey();
      const permissions = keys.get(key);
      if (permissions === undefined) throw invalidKey(key);
      return {
        livemode: /^.k_live_/.test(key),
        require(permission) {
          if (!allows(permissions, permission)) throw missingPermission(key, accountId, permission);
        },
      };
    },
  };
}

/** Bearer, or the user name of Basic, which Stripe accepts as well. */
function keyOf(authorization: string | null): string | null {
  const bearer = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const basic = /^Basic\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  return basic === undefined ? null : (Buffer.from(basic, 'base64').toString().split(':')[0] ?? null);
}

function allows(permissions: KeyPermissions, wanted: string): boolean {
  if (permissions === 'all' || permissions.includes(wanted)) return true;
  // Write implies Read: https://docs.stripe.com/keys/restricted-api-keys
  return wanted.endsWith('_read') && permissions.includes(wanted.replace(/_read$/, '_write'));
}
