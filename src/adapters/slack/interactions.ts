import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from '@slack/bolt';
import type { z } from 'zod';
import { noteCard } from '../../core/cards/action-cards.ts';
import type { Card } from '../../core/card.ts';
import { chatBugCard, type ChatDeps, elsewhereCard, lookingCard, rolesUnknownCard } from '../../core/chat.ts';
import type { SlackApi } from './api.ts';
import { actorOf, type Asker } from './asker.ts';
import { readSlashCommand } from './commands.ts';
import type { Delivery } from './delivery.ts';
import { burstMs, lookingAfterMs, triggerLastsMs } from './limits.ts';
import { createOpenForms, type FormSubject } from './open-forms.ts';
import type { Places } from './places.ts';
import { createPresses } from './presses.ts';
import { createReminder } from './reminder.ts';
import { controls } from './render-card.ts';
import { formIds, formView, loadingView } from './render-form.ts';
import { homeView } from './render-home.ts';
import { createReplyUrl } from './reply-url.ts';
import type { Roles } from './roles.ts';
import { createSeenBefore } from './seen-before.ts';
import { actionShape, commandShape, homeOpenedShape, messageShape, submissionShape } from './shapes.ts';

/** What the listeners work with. */
export interface InteractionDeps extends Pick<ChatDeps, 'desk' | 'clock' | 'log'> {
  readonly api: SlackApi;
  readonly delivery: Delivery;
  readonly roles: Roles;
  readonly places: Places;
  /** The workspace the bot is installed in. */
  readonly teamId: () => string | null;
}

/**
 * Registers everything people can do. Each listener acknowledges first, before anything that could take time. Answers
 * with what is still being worked on.
 */
export function registerInteractions(app: App, deps: InteractionDeps): ReadonlySet<Promise<void>> {
  const { desk, clock, log, api, delivery, roles, places } = deps;
  const seenBefore = createSeenBefore(clock);
  const forms = createOpenForms();
  const now = (): Date => clock.now();
  const sayLooking = (asker: Asker): Promise<void> => delivery.sayLooking(asker, lookingCard(now()));

  const isFromElsewhere = (teamId: string | undefined, orgWide: unknown): boolean =>
    teamId !== deps.teamId() || orgWide === true || orgWide === 'true';

  /** A bug of ours is answered with its reference; what was lost on the way is in the log. */
  const carryOutOrSay = async (asker: Asker | null, work: () => Promise<void>): Promise<void> => {
    // What arrives in one burst is acknowledged as a whole before the work on any of it begins.
    await sleep(burstMs);
    try {
      await work();
    } catch (error) {
      const card = chatBugCard(log.bug(error), now());
      if (asker !== null) await delivery.toAsker(asker, card).catch(log.bug);
    }
  };
  const underWay = new Set<Promise<void>>();
  const carryOut = async (asker: Asker | null, work: () => Promise<void>): Promise<void> => {
    const done = carryOutOrSay(asker, work);
    underWay.add(done);
    await done;
    underWay.delete(done);
  };

  const runCommand = async (asker: Asker, body: z.output<typeof commandShape>): Promise<void> => {
    const looking = createReminder(lookingAfterMs, () => sayLooking(asker));
    try {
      const [standing, place] = await Promise.all([roles.standingOf(asker.userId), places.placeOf(asker.channelId)]);
      if (standing.kind === 'unreadable') {
        await looking.done();
        await delivery.toAsker(asker, rolesUnknownCard('Slack', now()));
        return;
      }
      const actor = actorOf(asker, standing, body.user_name);
      const typed = readSlashCommand(body.command, body.text ?? '', desk.commands);
      const { card, visibility } = await desk.run({ ...typed, actor, place });
      await looking.done();
      await (visibility === 'channel' && place === 'staff'
        ? delivery.toChannel(asker, card)
        : delivery.toAsker(asker, card));
    } finally {
      await looking.done();
    }
  };

  const press = createPresses({ ...deps, forms, sayLooking });

  app.command(/^\//, async ({ ack, body }) => {
    await ack();
    const command = commandShape.parse(body);
    const asker: Asker = {
      userId: command.user_id,
      channelId: command.channel_id,
      threadTs: null,
      reply: createReplyUrl(command.response_url, clock),
    };
    await carryOut(asker, async () => {
      if (seenBefore(command.trigger_id)) return;
      if (isFromElsewhere(command.team_id, command.is_enterprise_install)) {
        await delivery.toAsker(asker, elsewhereCard(now()));
        return;
      }
      await runCommand(asker, command);
    });
  });

  // All controls of all releases lead here: one that nobody knows any more is answered, too.
  app.action(/^/, async ({ ack, body }) => {
    await ack();
    const { user, team, trigger_id, response_url, container, actions, is_enterprise_install } = actionShape.parse(body);
    const [action] = actions;
    const pressedAt = performance.now();
    if (action === undefined || container.channel_id === undefined || container.message_ts === undefined) return;
    if (action.action_id.startsWith(controls.open)) return;
    const asker: Asker = {
      userId: user.id,
      channelId: container.channel_id,
      threadTs: container.thread_ts ?? null,
      reply: response_url === undefined ? null : createReplyUrl(response_url, clock),
    };
    const subject: FormSubject = {
      offerId: action.selected_option?.value ?? action.value ?? '',
      label: action.text?.text ?? 'pterodoc',
      channelId: asker.channelId,
      messageTs: container.message_ts,
      threadTs: asker.threadTs,
      isEphemeral: container.is_ephemeral === true,
    };
    await carryOut(asker, async () => {
      if (seenBefore(trigger_id)) return;
      if (isFromElsewhere(user.team_id ?? team?.id, is_enterprise_install)) {
        await delivery.toAsker(asker, elsewhereCard(now()));
        return;
      }
      const asksFirst = action.action_id.startsWith(controls.ask);
      const opened = asksFirst ? await api.openView(trigger_id, loadingView(subject.label)) : null;
      const view = opened?.ok === true ? opened.value : null;
      await press(asker, subject, null, user.username ?? user.name, {
        view,
        async open(form, metadata) {
          const content = formView(form, metadata);
          if (view !== null) {
            const shown = await api.updateView(view, content);
            // Whoever has closed it meanwhile has answered.
            return shown.ok || (shown.failure.kind === 'refused' && shown.failure.code === 'not_found');
          }
          if (performance.now() - pressedAt > triggerLastsMs) return false;
          return (await api.openView(trigger_id, content)).ok;
        },
      });
    });
  });

  app.view(/^/, async ({ ack, body }) => {
    await ack();
    const { user, team, view, is_enterprise_install } = submissionShape.parse(body);
    const opened = forms.read(view.private_metadata);
    if (opened === null || seenBefore(`${view.id} ${view.hash}`)) return;
    const { subject, reply } = opened;
    const { channelId, threadTs } = subject;
    const asker: Asker = { userId: user.id, channelId, threadTs, reply };
    await carryOut(asker, async () => {
      if (isFromElsewhere(user.team_id ?? team?.id, is_enterprise_install)) return;
      const reason = view.state.values[formIds.reasonBlock]?.[formIds.reasonInput]?.value ?? null;
      await press(asker, subject, { reason }, user.username ?? user.name, null);
    });
  });

  app.event('app_home_opened', async ({ body }) => {
    const { team_id, event_id, event } = homeOpenedShape.parse(body);
    if (event.tab !== 'home' || isFromElsewhere(team_id, false) || seenBefore(event_id)) return;
    await carryOut(null, async () => {
      const standing = await roles.standingOf(event.user);
      const isStaff = standing.kind === 'known' && standing.role !== null;
      const published = await api.publishHome(event.user, homeView(desk.commands, isStaff));
      if (!published.ok) log.warn(`The Home tab could not be shown (${published.failure.kind}).`);
    });
  });

  app.event('message', async ({ body }) => {
    const { team_id, event_id, event } = messageShape.parse(body);
    const { channel, user, subtype, bot_id } = event;
    if (event.channel_type !== 'im' || subtype !== undefined || bot_id !== undefined || user === undefined) return;
    if (isFromElsewhere(team_id, false) || seenBefore(event_id)) return;
    const asker: Asker = { userId: user, channelId: channel, threadTs: event.thread_ts ?? null, reply: null };
    await carryOut(asker, async () => {
      const own = desk.commands.find(({ name }) => name === 'my-server');
      if (own === undefined) {
        await delivery.toChannel(asker, onlyCommandsCard(now()));
        return;
      }
      const standing = await roles.standingOf(user);
      const actor = actorOf(asker, standing, undefined);
      const { card } = await desk.run({ command: own.name, input: {}, actor, place: 'private' });
      await delivery.toChannel(asker, card);
    });
  });
  return underWay;
}

function onlyCommandsCard(now: Date): Card {
  return noteCard(
    'Nobody reads this',
    'Only commands are read, and those of staff work in channels. If you wait for a server, please write to the support team.',
    now,
  );
}
