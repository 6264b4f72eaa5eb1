import type { MadeUser, PanelWriter } from '../../core/action-ports.ts';
import { fail, succeed } from '../../core/result.ts';
import type { HttpAnswer } from '../http.ts';
import { parseAs, type PanelApi } from './api.ts';
import { itemOf, refusalShape, userShape } from './shapes.ts';

/** New accounts and repeated installations. */
export function createPanelWrites(api: PanelApi): PanelWriter {
  return {
    async createUser({ email, username, firstName, lastName }, signal) {
      const answer = await api.post(
        {
          path: '/users',
          body: { email, username, first_name: firstName, last_name: lastName },
          scope: 'users: write',
          isAnswer: (refused) => takenOf(refused) !== null,
        },
        signal,
      );
      if (!answer.ok) return answer;
      const taken = takenOf(answer.value);
      if (taken !== null) return succeed<MadeUser>(taken);
      const user = parseAs(itemOf(userShape), answer.value.json, '/api/application/users');
      return user.ok ? succeed<MadeUser>({ kind: 'made', user: user.value }) : user;
    },

    async reinstall(serverId, signal) {
      const path = `/servers/${serverId}/reinstall`;
      const answer = await api.post({ path, scope: 'servers: write' }, signal);
      if (!answer.ok) return answer;
      return answer.value.status === 204
        ? succeed(undefined)
        : fail({ source: 'pterodactyl', kind: 'unexpected-shape', path: `/api/application${path}` });
    },
  };
}

/** `null` when the refusal is about something else. */
function takenOf({ status, json }: HttpAnswer): Extract<MadeUser, { kind: 'taken' }> | null {
  const refusal = refusalShape.safeParse(json);
  if (status !== 422 || !refusal.success) return null;
  const unique = refusal.data.errors.filter(({ meta }) => meta?.rule === 'unique');
  if (unique.length === 0) return null;
  const [field, ...others] = new Set(unique.map(({ meta }) => meta?.source_field));
  const isOne = others.length === 0 && (field === 'email' || field === 'username');
  return { kind: 'taken', field: isOne ? field : null };
}
