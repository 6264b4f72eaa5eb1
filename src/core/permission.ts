/** From least to most: each may do what those before it may. */
export const roles = ['customer', 'support', 'operator', 'admin'] as const;

export type Role = (typeof roles)[number];

/** The least role that holds each permission. */
const leastRole = {
  'diagnose.own': 'customer',
  'diagnose.any': 'support',
  'overview.read': 'support',
  'act.retry': 'support',
  'act.account': 'support',
  'incident.handle': 'operator',
  'act.webhook': 'operator',
  'act.repair': 'operator',
  'act.reinstall': 'operator',
  'act.bulk': 'operator',
  'act.vouch': 'admin',
  'audit.read': 'admin',
  'configuration.change': 'admin',
} as const satisfies Readonly<Record<string, Role>>;

export type Permission = keyof typeof leastRole;

/** Whether a role holds a permission; `null` is somebody without any role, who holds none. */
export function can(role: Role | null, permission: Permission): boolean {
  return role !== null && roles.indexOf(role) >= roles.indexOf(leastRole[permission]);
}
