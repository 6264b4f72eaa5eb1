import type { Actor } from '../../core/actor.ts';
import type { Place } from '../../core/desk.ts';
import type { Role } from '../../core/permission.ts';

/** Who a visitor of the sandbox can be. Outside the sandbox nobody can choose who they are. */
export interface Persona {
  readonly id: string;
  readonly name: string;
  readonly role: Role | null;
  /** What this one may do, for whoever has to choose. */
  readonly what: string;
}

export const personas: readonly Persona[] = [
  {
    id: 'support',
    name: 'Sam from support',
    role: 'support',
    what: 'Asks where a purchase broke, retries it, and tells the customer.',
  },
  {
    id: 'operator',
    name: 'Olga from operations',
    role: 'operator',
    what: 'Does everything support does, and repairs what support may not touch.',
  },
  { id: 'admin', name: 'Ada, the admin', role: 'admin', what: 'Vouches for payments and reads who did what.' },
  {
    id: 'customer',
    name: 'Casey, a customer',
    role: 'customer',
    what: 'Asks about the own server, and about no other.',
  },
  {
    id: 'stranger',
    name: 'Stan, a stranger',
    role: null,
    what: 'Belongs to nobody here. See what the bot gives away.',
  },
];

export function personaOf(id: string | undefined): Persona | null {
  return personas.find((persona) => persona.id === id) ?? null;
}

/** Staff read and write the support channel; everybody else speaks with the bot alone. */
export function isStaff({ role }: Persona): boolean {
  return role !== null && role !== 'customer';
}

export function placeOf(persona: Persona): Place {
  return isStaff(persona) ? 'staff' : 'private';
}

export function actorOf({ id, name, role }: Persona): Actor {
  return { surface: 'web', id, name, role };
}
