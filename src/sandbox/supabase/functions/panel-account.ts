import type { FunctionContext } from '../edge-function.ts';
import { callPanel } from './panel.ts';

/** Whom a panel account is wanted for. */
export interface PanelAccountOwner {
  readonly email: string;
  readonly first_name: string | null;
  readonly last_name: string | null;
}

/** A panel account as `external_accounts` keeps it. */
export interface PanelAccount {
  readonly pterodactyl_user_id: number;
  readonly panel_username: string;
}

interface PanelUser {
  readonly attributes: { readonly id: number; readonly username: string };
}

/**
 * Takes the first account whose address contains this one (the panel's filter matches parts of an address), or makes
 * one with a password that is kept nowhere. The user name is the first word of the name, so it collides soon.
 */
export async function findOrCreatePanelAccount(
  context: FunctionContext,
  owner: PanelAccountOwner,
): Promise<PanelAccount> {
  const found = await callPanel(context, `/api/application/users?filter[email]=${encodeURIComponent(owner.email)}`);
  if (!found.ok) throw new Error('Failed to check for existing Pterodactyl user');
  const [existing] = ((await found.json()) as { data: PanelUser[] }).data;
  if (existing !== undefined) {
    context.console.log('Linking existing Pterodactyl user:', existing.attributes);
    return accountOf(existing);
  }
  const localPart = owner.email.split('@')[0] ?? owner.email;
  const displayName = owner.first_name && owner.last_name ? `${owner.first_name} ${owner.last_name}` : localPart;
  const created = await callPanel(context, '/api/application/users', {
    method: 'POST',
    body: {
      email: owner.email,
      username: displayName.split(' ')[0] ?? localPart,
      first_name: owner.first_name ?? localPart,
      last_name: owner.last_name ?? 'User',
      password: crypto.randomUUID().slice(0, 16),
    },
  });
  if (!created.ok) {
    const answer = await created.text();
    context.console.error('Failed to create Pterodactyl user:', answer);
    throw new Error(`Failed to create Pterodactyl user: ${answer}`);
  }
  return accountOf((await created.json()) as PanelUser);
}

function accountOf({ attributes }: PanelUser): PanelAccount {
  return { pterodactyl_user_id: attributes.id, panel_username: attributes.username };
}
