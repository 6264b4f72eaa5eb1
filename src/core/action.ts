import type { z } from 'zod';
import type { ActionPorts } from './action-ports.ts';
import type { Actor } from './actor.ts';
import type { ActionId } from './check.ts';
import type { ClaimRecord, ClaimSubject, StepEnd } from './claim.ts';
import type { EntryDiagnosis } from './diagnose.ts';
import type { Moment } from './entry.ts';
import { nameOfSource, type SourceId } from './failure.ts';
import type { Permission } from './permission.ts';

/** The guard's answer. The reason is a whole sentence for the person who asked; it holds no e-mail address. */
export type Decision<T> =
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'allowed';
      readonly target: T;
      /** What speaks against it without forbidding it, and what cleared that which did. */
      readonly warnings: readonly string[];
      /** What the person must hold beyond the action's own permission. */
      readonly requires?: Permission;
    };

export function refuse(reason: string): { readonly kind: 'refused'; readonly reason: string } {
  return { kind: 'refused', reason };
}

/** Everything a guard decides on. */
export interface Situation {
  /** A fresh diagnosis of the entry, with the readings it was made on. */
  readonly entry: EntryDiagnosis;
  readonly moment: Moment;
  /** The longest a run of an edge function can last, in milliseconds. */
  readonly executionMaxMs: number;
  /** Earlier claims of the same subject, newest first, as far back as a run could still last. */
  readonly history: readonly ClaimRecord[];
  /** The person's own words; `null`: none were given. */
  readonly reason: string | null;
}

/** What is about to be done, for the person who has to agree to it. */
export interface Plan {
  readonly what: string;
  /** Exactly what changes. */
  readonly changes: readonly { readonly thing: string; readonly before: string; readonly after: string }[];
  /** The writes in their order; `name` is what the claim records. */
  readonly steps: readonly { readonly name: string; readonly label: string }[];
  /** What it does not do, or asks for afterwards. */
  readonly note?: string;
}

/** What one look at the outside systems tells of an action. */
export type Sight =
  | { readonly kind: 'applied' | 'not-applied'; readonly words: string }
  /** `pending`: it is under way as it should be. `unknown`: that could not be seen. */
  | { readonly kind: 'undecided'; readonly as: 'pending' | 'unknown'; readonly words: string };

/** The only way to write: each write is recorded in the claim before it begins and when it has ended. */
export interface ClaimHandle {
  /** Who the claim was taken for. */
  readonly actor: Actor;
  /** Runs the write once and answers how it ended. Ends the effect where the claim is no longer this process's. */
  step(name: string, write: () => Promise<StepEnd>): Promise<StepEnd>;
}

/** What verification knows beside the outside systems. */
export interface Watch {
  readonly claim: ClaimRecord;
  readonly now: Date;
  readonly executionMaxMs: number;
}

type PortKey = keyof ActionPorts;
type PortsOf<N extends PortKey> = { readonly [K in N]: NonNullable<ActionPorts[K]> };

interface ActionWords {
  /** File name, test name and page name. */
  readonly id: ActionId;
  /** On the button. */
  readonly label: string;
  readonly permission: Permission;
  readonly style: 'primary' | 'plain' | 'danger';
  /** The kinds of entry it may act on. */
  readonly on: readonly EntryDiagnosis['subject']['kind'][];
  /** Asked a second time before it is done, because it cannot be undone. */
  readonly asksTwice?: boolean;
  /** A person must say why. */
  readonly asksForReason?: boolean;
}

/** What an action file gives to {@link defineAction}. */
export interface ActionSpec<N extends PortKey, T> extends ActionWords {
  /** Ports it cannot do without; where one is not configured, it is refused. Asking for others does not compile. */
  readonly needs: readonly N[];
  /** What it acts on, as the claim stores it. */
  readonly target: z.ZodType<T>;
  /** What the claim is held on, where that is not the entry itself. */
  claimOn?(target: T): ClaimSubject;
  /** Pure: decides on the diagnosis alone, so that a card can tell beforehand what is possible. */
  guard(situation: Situation): Decision<T>;
  /** Further looks that only the action itself takes, after the guard and before the claim. */
  look?(ports: PortsOf<N>, target: T, situation: Situation, signal: AbortSignal): Promise<Decision<T>>;
  plan(target: T): Plan;
  /** The only writes, each a step of the claim, each at most once. */
  effect(ports: PortsOf<N>, target: T, claim: ClaimHandle, signal: AbortSignal): Promise<void>;
  /** Looks once. Only reads: it is also how a claim whose process died is taken over. */
  verify(ports: PortsOf<N>, target: T, watch: Watch, signal: AbortSignal): Promise<Sight>;
}

/** An action as the list holds it: what it acts on is its own affair. */
export interface Action extends ActionWords {
  claimOn(target: unknown): ClaimSubject | null;
  guard(situation: Situation): Decision<unknown>;
  look(ports: ActionPorts, target: unknown, situation: Situation, signal: AbortSignal): Promise<Decision<unknown>>;
  plan(target: unknown): Plan;
  effect(ports: ActionPorts, target: unknown, claim: ClaimHandle, signal: AbortSignal): Promise<void>;
  verify(ports: ActionPorts, target: unknown, watch: Watch, signal: AbortSignal): Promise<Sight>;
}

/** Which source a port belongs to, for the sentence that says that it is not configured. */
const sourceOfPort: Readonly<Record<PortKey, SourceId | null>> = {
  orders: 'supabase',
  people: 'supabase',
  orderWriter: 'supabase',
  accounts: 'supabase',
  subscriptionIndex: 'supabase',
  caller: 'supabase',
  payments: 'stripe',
  events: 'stripe',
  endpoints: 'stripe',
  panel: 'pterodactyl',
  panelWriter: 'pterodactyl',
  vouches: null,
};

/** Makes an action: checks that its ports are there, and reads back what the store kept of its target. */
export function defineAction<const N extends PortKey, T>(spec: ActionSpec<N, T>): Action {
  const { id, label, permission, style, on, asksTwice, asksForReason } = spec;
  const targetOf = (stored: unknown): T => spec.target.parse(stored);
  return {
    id,
    label,
    permission,
    style,
    on,
    ...(asksTwice === undefined ? {} : { asksTwice }),
    ...(asksForReason === undefined ? {} : { asksForReason }),
    claimOn: (target) => spec.claimOn?.(targetOf(target)) ?? null,
    guard(situation) {
      const { kind } = situation.entry.subject;
      return spec.on.includes(kind) ? spec.guard(situation) : refuse(otherSubject(spec.on, kind));
    },
    async look(ports, target, situation, signal) {
      const missing = spec.needs.find((key) => ports[key] === null);
      if (missing !== undefined) return refuse(notConfigured(missing));
      const own = targetOf(target);
      return spec.look?.(portsOf(ports), own, situation, signal) ?? { kind: 'allowed', target: own, warnings: [] };
    },
    plan: (target) => spec.plan(targetOf(target)),
    effect: (ports, target, claim, signal) => spec.effect(portsOf(ports), targetOf(target), claim, signal),
    async verify(ports, target, watch, signal) {
      const missing = spec.needs.find((key) => ports[key] === null);
      if (missing !== undefined) return { kind: 'undecided', as: 'unknown', words: notConfigured(missing) };
      const own = spec.target.safeParse(target);
      return own.success
        ? spec.verify(portsOf(ports), own.data, watch, signal)
        : {
            kind: 'undecided',
            as: 'unknown',
            words: 'Another version of pterodoc began this, and this one cannot tell what it was.',
          };
    },
  };

  function portsOf(ports: ActionPorts): PortsOf<N> {
    // Whoever calls has seen that none of them is missing, which the compiler cannot follow.
    return ports as PortsOf<N>;
  }
}

function notConfigured(port: PortKey): string {
  const source = sourceOfPort[port];
  return `${source === null ? 'A part of pterodoc' : nameOfSource(source)} is not configured, and this needs it.`;
}

function otherSubject(on: ActionWords['on'], kind: EntryDiagnosis['subject']['kind']): string {
  const names = { order: 'an order', session: 'a paid checkout without an order', person: 'a person' } as const;
  return `This acts on ${on.map((one) => names[one]).join(' or ')}, and this is ${names[kind]}.`;
}
