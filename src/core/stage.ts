/** The path of a purchase. Every check belongs to exactly one stage. */
export const stages = [
  'payment',
  'webhook',
  'order',
  'account',
  'capacity',
  'provisioning',
  'install',
  'server',
] as const;

export type Stage = (typeof stages)[number];

export type StageState = 'passed' | 'broken' | 'unknown' | 'pending' | 'skipped';

/** Whether `stage` lies before `other` on the path. */
export function isBefore(stage: Stage, other: Stage): boolean {
  return stages.indexOf(stage) < stages.indexOf(other);
}
