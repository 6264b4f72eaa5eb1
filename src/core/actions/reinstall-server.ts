import { z } from 'zod';
import { type Decision, defineAction, refuse } from '../action.ts';
import { endOfFailure } from '../effect-step.ts';
import type { WingsView } from '../evidence.ts';
import { panelSettlesMs } from '../execution.ts';
import { describeFailure } from '../failure.ts';
import { cutForeign } from '../foreign-text.ts';
import { ownerOf } from '../ownership.ts';
import type { Reading } from '../reading.ts';
import { clockTime, couldNotLook, orderOf } from './refusals.ts';

const target = z.object({ orderId: z.string(), serverId: z.number(), seenStatus: z.string() });

/** Statuses of a server whose install script failed. */
const failedStatuses: readonly string[] = ['install_failed', 'reinstall_failed'];

/** Runs the install script of a server again whose installation failed. */
export const reinstallServer = defineAction({
  id: 'reinstall-server',
  label: 'Reinstall server',
  permission: 'act.reinstall',
  style: 'danger',
  on: ['order'],
  asksTwice: true,
  needs: ['panel', 'panelWriter'],
  target,
  guard({ entry }): Decision<z.output<typeof target>> {
    const order = orderOf(entry);
    const { namedServer } = entry.readings;
    if (order.serverId === null) return refuse('This order names no server.');
    if (namedServer.kind === 'unknown') return refuse(couldNotLook(`Server ${order.serverId}`, namedServer.failure));
    const server = namedServer.value;
    if (server === null) return refuse(`The panel does not have server ${order.serverId}.`);
    const owner = ownerOf(server, entry.readings);
    if (owner.kind === 'unknown') return refuse(couldNotLook(`Whose server ${server.id} is`, owner.failure));
    if (owner.value !== 'own') return refuse(`Server ${server.id} is not provably this customer's (SRV-006).`);
    if (server.status === null || !failedStatuses.includes(server.status)) {
      return refuse(
        `The installation of server ${server.id} has not failed: a reinstallation could overwrite its files.`,
      );
    }
    const silent = silentWings(entry.readings.wings);
    if (silent?.askedThrough === 'panel') {
      return refuse(`${sayingSilent(silent)} Restart it before anything is installed there.`);
    }
    return {
      kind: 'allowed',
      target: { orderId: order.id, serverId: server.id, seenStatus: server.status },
      warnings: [
        ...(server.status === 'reinstall_failed'
          ? ['It was reinstalled before: files of an earlier installation may be overwritten.']
          : []),
        ...(silent === null ? [] : [`${sayingSilent(silent)} The panel may reach it all the same.`]),
      ],
    };
  },
  async look({ panel }, given, _situation, signal) {
    const server = await panel.server(given.serverId, signal);
    if (!server.ok) return refuse(couldNotLook(`Server ${given.serverId}`, server.failure));
    return server.value?.status === given.seenStatus
      ? { kind: 'allowed', target: given, warnings: [] }
      : refuse(`Server ${given.serverId} has changed meanwhile.`);
  },
  plan: ({ serverId, seenStatus }) => ({
    what: `Reinstall server ${serverId}.`,
    changes: [
      { thing: 'State of the server', before: seenStatus, after: 'installing' },
      {
        thing: 'Files of the server',
        before: 'as the failed installation left them',
        after: 'overwritten by the install script',
      },
    ],
    steps: [{ name: 'reinstall', label: "Run the egg's install script again" }],
    note: 'This cannot be undone.',
  }),
  async effect({ panelWriter }, { serverId }, claim, signal) {
    await claim.step('reinstall', async () => {
      const answer = await panelWriter.reinstall(serverId, signal);
      return answer.ok
        ? { kind: 'done', words: 'The panel accepted the reinstallation.' }
        : endOfFailure(answer.failure);
    });
  },
  async verify({ panel }, { serverId }, { claim, now }, signal) {
    const server = await panel.server(serverId, signal);
    if (!server.ok) {
      return {
        kind: 'undecided',
        as: 'unknown',
        words: `Server ${serverId} could not be looked at: ${describeFailure(server.failure)}`,
      };
    }
    const status = server.value?.status ?? null;
    if (server.value !== null && status === null) return { kind: 'applied', words: `Server ${serverId} is installed.` };
    if (status === 'installing') {
      return {
        kind: 'applied',
        words: `The panel is installing server ${serverId} again; the install stage of the order shows how it goes.`,
      };
    }
    const step = claim.steps.at(-1);
    const isUnclear = step !== undefined && (step.end === null || step.end.kind === 'unclear');
    const until = step === undefined ? now : new Date(step.begunAt.getTime() + 2 * panelSettlesMs);
    if (isUnclear && now < until) {
      return {
        kind: 'undecided',
        as: 'unknown',
        words: `${step.end?.words ?? 'The request was cut off.'} Watching until ${clockTime(until)}.`,
      };
    }
    return {
      kind: 'not-applied',
      words: `${step?.end?.words ?? 'The panel was not asked.'} Server ${serverId} is "${status ?? 'gone'}".`,
    };
  },
});

/** INS-003 does not speak of servers whose installation failed; this is the same look. */
function silentWings(wings: Reading<WingsView | null>): WingsView | null {
  const view = wings.kind === 'known' ? wings.value : null;
  return view !== null && ['unreachable', 'token-mismatch', 'failing'].includes(view.state) ? view : null;
}

function sayingSilent({ nodeName, askedThrough }: WingsView): string {
  return `Wings on node ${cutForeign(nodeName)} does not answer the ${askedThrough} as it should (INS-003).`;
}
