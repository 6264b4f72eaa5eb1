import { expect, test } from 'vitest';
import { can, type Permission, roles } from '../../../src/core/permission.ts';

const holders: Readonly<Record<Permission, string>> = {
  'diagnose.own': 'customer support operator admin',
  'diagnose.any': 'support operator admin',
  'overview.read': 'support operator admin',
  'act.retry': 'support operator admin',
  'act.account': 'support operator admin',
  'incident.handle': 'operator admin',
  'act.webhook': 'operator admin',
  'act.repair': 'operator admin',
  'act.reinstall': 'operator admin',
  'act.bulk': 'operator admin',
  'act.vouch': 'admin',
  'audit.read': 'admin',
  'configuration.change': 'admin',
};

test.each(Object.entries(holders))('%s is held by %s', (permission, expected) => {
  const held = roles.filter((role) => can(role, permission as Permission));
  expect(held.join(' ')).toBe(expected);
});

test('somebody without a role may do nothing', () => {
  expect(Object.keys(holders).filter((permission) => can(null, permission as Permission))).toEqual([]);
});
