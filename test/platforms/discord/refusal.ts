/** One field that Discord does not take, at its place in the request. */
export interface FormFault {
  readonly path: readonly (string | number)[];
  readonly code: string;
  readonly message: string;
}

/** An answer other than success, as Discord words it. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: number;
  readonly faults: readonly FormFault[];
  /** Set for limits that have a code of their own besides their status of 429. */
  readonly retryAfterS: number | null;

  constructor(
    status: number,
    code: number,
    message: string,
    faults: readonly FormFault[] = [],
    retryAfterS: number | null = null,
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.faults = faults;
    this.retryAfterS = retryAfterS;
  }

  get body(): object {
    const { message, code, retryAfterS } = this;
    if (retryAfterS !== null) return { message, code, retry_after: retryAfterS, global: false };
    if (this.faults.length === 0) return { message, code };
    return { message, code, errors: errorTree(this.faults) };
  }
}

// https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
const known = {
  unauthorized: [401, 0, '401: Unauthorized'],
  notFound: [404, 0, '404: Not Found'],
  methodNotAllowed: [405, 0, '405: Method Not Allowed'],
  internal: [500, 0, '500: Internal Server Error'],
  unknownApplication: [404, 10002, 'Unknown Application'],
  unknownChannel: [404, 10003, 'Unknown Channel'],
  unknownGuild: [404, 10004, 'Unknown Guild'],
  unknownMember: [404, 10007, 'Unknown Member'],
  unknownMessage: [404, 10008, 'Unknown Message'],
  unknownRole: [404, 10011, 'Unknown Role'],
  unknownUser: [404, 10013, 'Unknown User'],
  unknownWebhook: [404, 10015, 'Unknown Webhook'],
  unknownInteraction: [404, 10062, 'Unknown interaction'],
  unknownCommand: [404, 10063, 'Unknown application command'],
  tooManyCommands: [400, 30032, 'Maximum number of application commands reached (100).'],
  openingDmsTooFast: [403, 40003, 'You are opening direct messages too fast.'],
  tooLarge: [413, 40005, 'Request entity too large'],
  alreadyAcknowledged: [400, 40060, 'Interaction has already been acknowledged.'],
  blocked: [403, 40333, 'internal network error'],
  missingAccess: [403, 50001, 'Missing Access'],
  anotherAuthor: [403, 50005, 'Cannot edit a message authored by another user'],
  emptyMessage: [400, 50006, 'Cannot send an empty message'],
  cannotDm: [403, 50007, 'Cannot send messages to this user'],
  missingPermissions: [403, 50013, 'Missing Permissions'],
  invalidWebhookToken: [401, 50027, 'Invalid Webhook Token'],
  threadArchived: [400, 50083, 'Thread is archived'],
  invalidJson: [400, 50109, 'The request body contains invalid JSON.'],
  noMutualGuild: [403, 50278, 'Cannot send messages to this user due to having no mutual guilds'],
  threadExists: [400, 160_004, 'A thread has already been created for this message'],
  noHistoryToReply: [400, 160_002, 'Cannot reply without permission to read message history'],
} as const satisfies Record<string, readonly [number, number, string]>;

/** A limit with a code of its own, which says when to try again. */
export function limitRefusal(code: number, message: string, retryAfterS: number): Refusal {
  return new Refusal(429, code, message, [], retryAfterS);
}

/** A refusal that Discord documents by number. */
export function refusal(name: keyof typeof known): Refusal {
  const [status, code, message] = known[name];
  return new Refusal(status, code, message);
}

/** The refusal of a request whose fields are wrong; `null` when none is. */
export function formRefusal(faults: readonly FormFault[]): Refusal | null {
  return faults.length === 0 ? null : new Refusal(400, 50035, 'Invalid Form Body', faults);
}

/** Throws the refusal of these faults, if there are any. */
export function refuseFaults(faults: readonly FormFault[]): void {
  const refused = formRefusal(faults);
  if (refused !== null) throw refused;
}

interface ErrorNode {
  [key: string]: ErrorNode | { code: string; message: string }[];
}

function errorTree(faults: readonly FormFault[]): ErrorNode {
  const root: ErrorNode = {};
  for (const { path, code, message } of faults) {
    let node = root;
    for (const step of path) {
      const next = node[String(step)] ?? {};
      node[String(step)] = next;
      node = next as ErrorNode;
    }
    const errors = Array.isArray(node['_errors']) ? node['_errors'] : [];
    node['_errors'] = [...errors, { code, message }];
  }
  return root;
}
