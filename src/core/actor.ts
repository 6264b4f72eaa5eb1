import type { Role } from './permission.ts';

/** Who asks for something, and by what right. */
export interface Actor {
  readonly surface: 'terminal' | 'web' | 'discord' | 'slack';
  /** The surface's own id of the account. Never an e-mail address. */
  readonly id: string;
  /** How people call the account; foreign text. */
  readonly name: string;
  /** `null`: nobody this program knows. */
  readonly role: Role | null;
}
