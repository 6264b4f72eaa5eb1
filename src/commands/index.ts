import type { Command } from '../core/command.ts';
import { serverStatus } from './server-status.ts';

/** Every command, in the order in which help names them. */
export const commands: readonly Command[] = [serverStatus];
