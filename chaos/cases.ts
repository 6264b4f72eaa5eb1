import type { ActionId } from '../src/core/check.ts';
import type { ActionSubject } from '../src/core/act.ts';
import { type OperatingRoom, press } from '../test/support/operating-room.ts';

/** A purchase that something is pressed for, again and again. */
export interface Patient {
  readonly subject: ActionSubject;
  readonly action: ActionId;
  readonly serverName: string;
  readonly subscriptionId: string;
  /** What is wrong outside while the first press is at work. */
  readonly trouble: (room: OperatingRoom) => () => unknown;
}

export type CaseName =
  | 'retry'
  | 'retry that the panel refuses'
  | 'retry whose server is made without an answer'
  | 'retry on a slow panel'
  | 'link'
  | 'redelivery';

/** What is pressed, and what goes wrong outside meanwhile. */
export interface Case {
  readonly name: CaseName;
  readonly admit: (room: OperatingRoom) => Promise<Patient>;
}

const createServer = /^POST \/api\/application\/servers$/;
const refusedEgg = {
  errors: [
    { code: 'ValidationException', status: '422', detail: 'The egg is invalid.', meta: { source_field: 'egg' } },
  ],
};
const untroubled = () => () => undefined;

export const cases: readonly Case[] = [
  { name: 'retry', admit: (room) => failed(room, untroubled) },
  {
    name: 'retry that the panel refuses',
    admit: (room) =>
      failed(room, ({ sandbox }) =>
        sandbox.panel.faults.inject(createServer, { kind: 'status', status: 422, body: refusedEgg }),
      ),
  },
  {
    name: 'retry whose server is made without an answer',
    admit: (room) => failed(room, ({ sandbox }) => sandbox.panel.faults.inject(createServer, { kind: 'reset-after' })),
  },
  {
    name: 'retry on a slow panel',
    admit: (room) =>
      failed(room, ({ sandbox }) => sandbox.panel.faults.inject(createServer, { kind: 'delay-after', ms: 200 })),
  },
  { name: 'link', admit: orphaned },
  { name: 'redelivery', admit: unheard },
];

async function failed(room: OperatingRoom, trouble: Patient['trouble']): Promise<Patient> {
  const { orderId, serverName, subscriptionId } = await room.failedOrder();
  return { subject: { kind: 'order', id: orderId }, action: 'retry-provisioning', serverName, subscriptionId, trouble };
}

/** The panel has its server, and the order does not know it. */
async function orphaned(room: OperatingRoom): Promise<Patient> {
  const patient = await failed(room, untroubled);
  const heal = room.sandbox.panel.faults.inject(createServer, { kind: 'reset-after' });
  const engine = room.engine();
  await press(engine, 'retry-provisioning', patient.subject);
  heal();
  await room.settle(engine);
  return { ...patient, action: 'link-server' };
}

let unheardCount = 0;

/** Paid while the endpoint was disabled: Stripe never sends the event. */
async function unheard({ sandbox, skip }: OperatingRoom): Promise<Patient> {
  unheardCount += 1;
  const serverName = `Unheard ${unheardCount}`;
  const [endpointId = ''] = sandbox.stripe.state.endpoints.keys();
  await sandbox.stripe.updateEndpoint(endpointId, { disabled: true });
  const { sessionId } = await sandbox.purchase({ email: `unheard-${unheardCount}@example.com`, serverName });
  await sandbox.stripe.updateEndpoint(endpointId, { disabled: false });
  skip(60_000);
  return {
    subject: { kind: 'session', id: sessionId },
    action: 'redeliver-webhook',
    serverName,
    subscriptionId: String(sandbox.stripe.state.sessions.get(sessionId)?.subscription),
    trouble: untroubled,
  };
}
