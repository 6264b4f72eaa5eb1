import type { App } from '@slack/bolt';
import type { z } from 'zod';
import type { Actor } from '../../core/actor.ts';
import { noteCard } from '../../core/cards/action-cards.ts';
import type { Card } from '../../core/card.ts';
import { chatBugCard, type ChatDeps, elsewhereCard, lookingCard, rolesUnknownCard } from '../../core/chat.ts';
import type { Place, Press } from '../../core/desk.ts';
import type { OpenView, SlackApi } from './api.ts';
import { readSlashCommand } from './commands.ts';
import type { Asker, Delivery, LiveMessage } from './delivery.ts';
import { lookingAfterMs, pressLookingAfterMs, triggerLastsMs } from './limits.ts';
import { createOpenForms, type FormSubject } from './open-forms.ts';
import { isDirect, type Places } from './places.ts';
import { controls } from './render-card.ts';
import { formIds, formView, loadingView, noteView } from './render-form.ts';
import { homeView } from './render-home.ts';
import { createReplyUrl } from './reply-url.ts';
import type { Roles, Standing } from './roles.ts';
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

  /** Where the outcome is to stand; `null`: the message may be read by others than staff, so it stays as it is. */
  const liveMessageFor = (asker: Asker, subject: FormSubject, place: Place): LiveMessage | null => {
    if (subject.isEphemeral) return delivery.liveEphemeral(asker);
    return place === 'staff' || isDirect(subject.channelId) ? delivery.liveMessage(asker, subject.messageTs) : null;
  };

  /** A dialogue of one press: it may be open already, and can be opened only in the first moments. */
  interface Dialogue {
    readonly view: OpenView | null;
    open(form: Parameters<typeof formView>[0], metadata: string): Promise<boolean>;
  }

  const press = async (
    asker: Asker,
    subject: FormSubject,
    form: Press['form'],
    userName: string | undefined,
    dialogue: Dialogue | null,
  ): Promise<void> => {
    const view = dialogue?.view ?? null;
    const note = async (card: Card): Promise<void> => {
      if (view !== null && (await api.updateView(view, noteView(subject.label, card))).ok) return;
      await delivery.toAsker(asker, card);
    };
    const looking = createReminder(pressLookingAfterMs, () => (view === null ? sayLooking(asker) : Promise.resolve()));
    let live: LiveMessage | null = null;
    let hasShown = false;
    try {
      const [standing, channelPlace] = await Promise.all([
        roles.standingOf(asker.userId),
        subject.isEphemeral ? privately : places.placeOf(subject.channelId),
      ]);
      if (standing.kind === 'unreadable') {
        await note(rolesUnknownCard('Slack', now()));
        return;
      }
      live = liveMessageFor(asker, subject, channelPlace);
      const wish: Press = {
        offerId: subject.offerId,
        actor: actorOf(asker, standing, userName),
        place: channelPlace,
        form,
      };
      const answer = await desk.press(wish, (card) => {
        looking.cancel();
        hasShown = live !== null;
        live?.show(card);
      });
      await looking.done();
      switch (answer.kind) {
        case 'card':
          await (live === null ? delivery.toAsker(asker, answer.card) : live.finish(answer.card));
          if (view !== null) await api.updateView(view, noteView(subject.label, seeMessage(answer.card)));
          return;
        case 'note':
          // What was shown to all as under way must not stay so.
          if (hasShown) await live?.finish(answer.card);
          await note(answer.card);
          return;
        case 'ask': {
          const metadata = forms.write(subject, asker.reply);
          const isAsked = dialogue !== null && (await dialogue.open(answer.form, metadata));
          if (!isAsked) await delivery.toAsker(asker, askAgainCard(subject, now()));
        }
      }
    } catch (error) {
      const card = chatBugCard(log.bug(error), now());
      if (hasShown) await live?.finish(card);
      await note(card);
    } finally {
      await looking.done();
    }
  };

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

const privately: Place = 'private';

/** In a conversation of two a role of staff gives nothing but what a customer may see. */
function actorOf({ userId, channelId }: Asker, standing: Standing, userName: string | undefined): Actor {
  const role = standing.kind === 'known' ? standing.role : null;
  const name = (standing.kind === 'known' ? standing.name : null) ?? userName ?? userId;
  return { surface: 'slack', id: userId, name, role: role !== null && isDirect(channelId) ? 'customer' : role };
}

/** Something that is said unless it is cancelled in time. */
function createReminder(afterMs: number, say: () => Promise<void>) {
  let saying: Promise<void> = Promise.resolve();
  const timer = setTimeout(() => {
    saying = say().catch(() => undefined);
  }, afterMs);
  const cancel = (): void => clearTimeout(timer);
  return {
    cancel,
    /** What is being said comes before what follows. */
    done(): Promise<void> {
      cancel();
      return saying;
    },
  };
}

function seeMessage(card: Card): Card {
  return { ...card, blocks: card.blocks.slice(0, 1) };
}

/** Slack opens a dialogue in the first moments after a press only; a button that asks opens it at once. */
function askAgainCard({ offerId, label }: FormSubject, now: Date): Card {
  return {
    ...noteCard(`${label}: one more question`, 'Slack gives little time to ask it. Press once more to read it.', now),
    buttons: [{ kind: 'press', id: offerId, label, style: 'plain', asks: true }],
  };
}

function onlyCommandsCard(now: Date): Card {
  return noteCard(
    'Nobody reads this',
    'Only commands are read, and those of staff work in channels. If you wait for a server, please write to the support team.',
    now,
  );
}
