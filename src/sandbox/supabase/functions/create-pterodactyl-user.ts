import { type EdgeFunction, json } from '../edge-function.ts';
import { findOrCreatePanelAccount } from './panel-account.ts';
import { createProjectClient, readCallerId } from './project-client.ts';

/** Makes the signed-in customer's own panel account; no key, however mighty, can call it for somebody else. */
export const createPterodactylUser: EdgeFunction = async (request, context) => {
  if (request.method === 'OPTIONS') return new Response('ok');
  try {
    const userId = await readCallerId(context, request.headers.get('authorization'));
    if (userId === null) return json(401, { error: 'Invalid authentication' });
    const project = createProjectClient(context);
    const profile = await project
      .from('profiles')
      .select('email, first_name, last_name')
      .eq('user_id', userId)
      .single();
    if (profile.error !== null || !profile.data.email) throw new Error('User profile not found');
    if (!context.env('PANEL_URL') || !context.env('PTERO_APP_KEY'))
      throw new Error('Pterodactyl configuration missing');
    const account = await findOrCreatePanelAccount(context, profile.data);
    const stored = await project
      .from('external_accounts')
      .upsert({ user_id: userId, ...account, last_synced_at: new Date(context.now()).toISOString() });
    if (stored.error !== null) throw new Error(stored.error.message);
    // The table has no such columns: this write fails every time, and only the log says so.
    const copied = await project.from('profiles').update(account).eq('user_id', userId);
    if (copied.error !== null) context.console.error('Error updating profile:', copied.error);
    return json(200, { success: true, ...account });
  } catch (error) {
    context.console.error('Error creating Pterodactyl user:', error);
    return json(500, { error: error instanceof Error ? error.message : 'Unknown error occurred' });
  }
};
