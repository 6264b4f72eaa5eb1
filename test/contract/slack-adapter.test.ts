import { expect } from 'vitest';
import { createChatDesk } from '../support/chat-desk.ts';
import {
  openWorkspace,
  type RunningSlack,
  runSlack,
  type SlackMode,
  type SlackWorkspace,
} from '../support/slack-surface.ts';
import type { Person } from '../platforms/slack/person.ts';
import type { SeenMessage } from '../platforms/slack/screen.ts';
import { type ChatPerson, type ChatStage, describeChat, type Room, type SeenCard } from './chat-adapter.suite.ts';

interface SeenInSlack extends SeenCard {
  readonly message: SeenMessage;
}

function seen(message: SeenMessage): SeenInSlack {
  return { reads: message.reads, isPrivate: message.isEphemeral, message };
}

function messageOf(card: SeenCard): SeenMessage {
  return (card as SeenInSlack).message;
}

function personIn({ slack, channels }: SlackWorkspace, person: Person): ChatPerson {
  const channelOf = (room: Room) => (room === 'alone' ? person.direct() : channels[room]);
  return {
    name: person.name,
    ask: (who, room) => person.slash('/server-status', who, channelOf(room)),
    async sees(words, room, withinMs) {
      return seen(await person.sees(words, channelOf(room), withinMs));
    },
    screen: (room) =>
      person
        .visibleMessages(channelOf(room))
        .filter(({ userId }) => userId === slack.botUserId)
        .map(seen),
    press: (on, button) => person.press(messageOf(on), button),
    choose: (on, option) => person.choose(messageOf(on), 'choose', option),
    async seesForm(words) {
      return (await person.seesModal(words)).reads;
    },
    answersForm: (reason) => person.submitView(reason === null ? {} : { reason }),
  };
}

async function openStage(mode: SlackMode): Promise<ChatStage> {
  const desk = createChatDesk();
  const workspace = await openWorkspace(mode, desk);
  const { slack, clock, people, groups } = workspace;
  const lines: string[] = [];
  const run = (): Promise<RunningSlack> => runSlack(workspace, { desk, note: (line) => lines.push(line) });
  let running = await run();
  return {
    get adapter() {
      return running.adapter;
    },
    desk,
    people: {
      sam: personIn(workspace, people.sam),
      sid: personIn(workspace, people.sid),
      olga: personIn(workspace, people.olga),
      ada: personIn(workspace, people.ada),
      casey: personIn(workspace, people.casey),
    },
    dismiss({ name }) {
      const { id } = people[name as keyof typeof people];
      for (const group of Object.values(groups)) group.members.delete(id);
      clock.travelTo(clock.now() + 61_000);
    },
    hideRoles() {
      slack.failMethod('usergroups.users.list', { kind: 'status', status: 503 });
      clock.travelTo(clock.now() + 61_000);
    },
    loseAnswerToNextPost: () => void slack.failMethod('chat.postMessage', { kind: 'reset-after' }, 1),
    failNextChanges: (times) => void slack.failMethod('chat.update', { kind: 'status', status: 503 }, times),
    async restart() {
      await running.stop();
      running = await run();
    },
    mentions() {
      const { mentions, links, unescaped } = slack.liveByApp();
      return [...mentions, ...links, ...unescaped];
    },
    log: () => lines.join('\n'),
    async close() {
      await running.stop();
      await slack.stop();
      expect(slack.complaints).toEqual([]);
    },
  };
}

describeChat('Slack over Socket Mode', () => openStage('socket'), { canHideRoles: true });
describeChat('Slack over HTTP', () => openStage('http'), { canHideRoles: true });
