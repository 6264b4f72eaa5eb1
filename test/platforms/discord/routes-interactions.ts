import * as spec from 'discord-api-spec/zod';
import {
  answerInteraction,
  answerMessage,
  callbackResponse,
  editAnswer,
  followUp,
  interactionOfToken,
} from './interactions.ts';
import type { MessageBody } from './message-body.ts';
import { deleteMessage } from './messages.ts';
import { refuseFaults } from './refusal.ts';
import { type Call, noContent, ok, param, type Route } from './route.ts';
import { schemaFaults } from './schema.ts';
import type { Interaction } from './state.ts';
import { messageWire } from './wire.ts';

/** Answers to interactions: https://docs.discord.com/developers/interactions/receiving-and-responding#endpoints */
export const interactionRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/interactions/:interaction/:token/callback',
    isByToken: true,
    isUnlimited: true,
    handle(call) {
      const { world, body, files, query } = call;
      const interaction = answerInteraction(world, param(call, 'interaction'), param(call, 'token'), body ?? {}, files);
      return query.get('with_response') === 'true' ? ok(callbackResponse(world, interaction)) : noContent;
    },
  },
  {
    method: 'POST',
    path: '/webhooks/:application/:token',
    isByToken: true,
    handle(call) {
      const interaction = spokenFor(call);
      refuseFaults(schemaFaults(spec.IncomingWebhookRequestPartialSchema, call.body));
      const message = followUp(call.world, interaction, call.body as MessageBody, call.files);
      return ok(messageWire(call.world, message));
    },
  },
  {
    method: 'GET',
    path: '/webhooks/:application/:token/messages/:message',
    isByToken: true,
    handle(call) {
      return ok(messageWire(call.world, answerMessage(spokenFor(call), param(call, 'message'))));
    },
  },
  {
    method: 'PATCH',
    path: '/webhooks/:application/:token/messages/:message',
    isByToken: true,
    handle(call) {
      const interaction = spokenFor(call);
      const message = answerMessage(interaction, param(call, 'message'));
      refuseFaults(schemaFaults(spec.IncomingWebhookUpdateRequestPartialSchema, call.body));
      editAnswer(call.world, interaction, message, call.body as MessageBody, call.files);
      return ok(messageWire(call.world, message));
    },
  },
  {
    method: 'DELETE',
    path: '/webhooks/:application/:token/messages/:message',
    isByToken: true,
    handle(call) {
      deleteMessage(call.world, answerMessage(spokenFor(call), param(call, 'message')));
      return noContent;
    },
  },
];

function spokenFor(call: Call): Interaction {
  return interactionOfToken(call.world, param(call, 'application'), param(call, 'token'));
}
