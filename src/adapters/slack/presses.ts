import { noteCard } from '../../core/cards/action-cards.ts';
import type { Card } from '../../core/card.ts';
import { chatBugCard, type ChatDeps, rolesUnknownCard } from '../../core/chat.ts';
import type { Form, Place, Press } from '../../core/desk.ts';
import type { OpenView, SlackApi } from './api.ts';
import { actorOf, type Asker } from './asker.ts';
import type { Delivery, LiveMessage } from './delivery.ts';
import { pressLookingAfterMs } from './limits.ts';
import type { FormSubject, OpenForms } from './open-forms.ts';
import { isDirect, type Places } from './places.ts';
import { noteView } from './render-form.ts';
import { createReminder } from './reminder.ts';
import type { Roles } from './roles.ts';

/** A dialogue of one press: it may be open already, and can be opened only in the first moments. */
export interface Dialogue {
  readonly view: OpenView | null;
  open(form: Form, metadata: string): Promise<boolean>;
}

/** Takes a press, or the answer to a dialogue, to the desk, and what comes of it to where it belongs. */
export type TakePress = (
  asker: Asker,
  subject: FormSubject,
  form: Press['form'],
  userName: string | undefined,
  dialogue: Dialogue | null,
) => Promise<void>;

export interface PressDeps extends Pick<ChatDeps, 'desk' | 'clock' | 'log'> {
  readonly api: SlackApi;
  readonly delivery: Delivery;
  readonly roles: Roles;
  readonly places: Places;
  readonly forms: OpenForms;
  readonly sayLooking: (asker: Asker) => Promise<void>;
}

const privately: Place = 'private';

/** Everything a press leads to in Slack. */
export function createPresses(deps: PressDeps): TakePress {
  const { desk, clock, log, api, delivery, roles, places, forms, sayLooking } = deps;
  const now = (): Date => clock.now();

  /** Where the outcome is to stand; `null`: the message may be read by others than staff, so it stays as it is. */
  const liveMessageFor = (asker: Asker, subject: FormSubject, place: Place): LiveMessage | null => {
    if (subject.isEphemeral) return delivery.liveEphemeral(asker);
    return place === 'staff' || isDirect(subject.channelId) ? delivery.liveMessage(asker, subject.messageTs) : null;
  };

  return async (
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
