import { type CallArguments, type Method, Refusal } from './call.ts';
import { isJson, type Json } from './shape.ts';
import type { View } from './state.ts';
import { changeView, findModal, publishHome, refuseView, showModal, viewObject } from './views.ts';

function readView(args: CallArguments, type: View['type']): Json {
  const view = args.json('view', 'invalid_arguments');
  const messages = refuseView(view, type);
  if (messages !== null || !isJson(view)) {
    throw new Refusal('invalid_arguments', { response_metadata: { messages: messages ?? [] } });
  }
  return view;
}

function opener(isPush: boolean): Method {
  return {
    token: 'bot',
    tier: 'tier4',
    run(args, { state, triggers }) {
      const view = readView(args, 'modal');
      const trigger = triggers.spend(args.required('trigger_id'));
      if (typeof trigger === 'string') throw new Refusal(trigger);
      if (isPush && trigger.modal === null) throw new Refusal('invalid_trigger_id');
      const shown = showModal(state, trigger.userId, view, isPush ? trigger.modal : null);
      if (shown === null) throw new Refusal('push_limit_reached');
      return { view: viewObject(shown) };
    },
  };
}

const update: Method = {
  token: 'bot',
  tier: 'tier4',
  run(args, { state }) {
    const content = readView(args, 'modal');
    const view = findModal(state, args.text('view_id') || args.required('external_id'));
    if (view === null) throw new Refusal('not_found');
    if (args.has('hash') && args.text('hash') !== view.hash) throw new Refusal('hash_conflict');
    changeView(state, view, content);
    return { view: viewObject(view) };
  },
};

const publish: Method = {
  token: 'bot',
  tier: 'tier4',
  run(args, { state }) {
    const content = readView(args, 'home');
    const userId = args.required('user_id');
    if (!state.app.hasHomeTab) throw new Refusal('not_enabled');
    if (!state.users.has(userId)) throw new Refusal('user_not_found');
    const before = state.homes.get(userId);
    if (args.has('hash') && before !== undefined && args.text('hash') !== before.hash) {
      throw new Refusal('hash_conflict');
    }
    return { view: viewObject(publishHome(state, userId, content)) };
  },
};

export const viewMethods: Readonly<Record<string, Method>> = {
  'views.open': opener(false),
  'views.push': opener(true),
  'views.update': update,
  'views.publish': publish,
};
