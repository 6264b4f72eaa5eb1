import type { Command } from '../core/command.ts';
import { pterodocAudit } from './pterodoc-audit.ts';
import { pterodocHelp } from './pterodoc-help.ts';
import { pterodocOrders } from './pterodoc-orders.ts';
import { pterodocWebhooks } from './pterodoc-webhooks.ts';
import { serverStatus } from './server-status.ts';

const working: readonly Command[] = [serverStatus, pterodocOrders, pterodocWebhooks, pterodocAudit];

/** Every command, in the order in which help names them. */
export const commands: readonly Command[] = [...working, pterodocHelp(working)];
