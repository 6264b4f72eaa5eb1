import { z } from 'zod';

/*
 * What is read of Slack's payloads and answers; there is more in them.
 * https://docs.slack.dev/reference/interaction-payloads
 */
const id = z.string().min(1);
const flag = z.boolean();

/** Slack sends it as a word over HTTP. */
const orgWide = z.union([z.boolean(), z.enum(['true', 'false'])]).optional();

export const commandShape = z.object({
  command: id,
  text: z.string().optional(),
  user_id: id,
  user_name: z.string().optional(),
  team_id: id,
  channel_id: id,
  response_url: id,
  trigger_id: id,
  is_enterprise_install: orgWide,
});

const userShape = z.object({
  id,
  username: z.string().optional(),
  name: z.string().optional(),
  team_id: id.optional(),
});

export const actionShape = z.object({
  user: userShape,
  team: z.object({ id }).nullish(),
  trigger_id: id,
  response_url: id.optional(),
  is_enterprise_install: orgWide,
  container: z.object({
    type: z.string(),
    channel_id: id.optional(),
    message_ts: id.optional(),
    thread_ts: id.optional(),
    is_ephemeral: flag.optional(),
  }),
  actions: z
    .array(
      z.object({
        action_id: z.string(),
        value: z.string().optional(),
        text: z.object({ text: z.string() }).optional(),
        selected_option: z.object({ value: z.string() }).nullish(),
      }),
    )
    .min(1),
});

export const submissionShape = z.object({
  user: userShape,
  team: z.object({ id }).nullish(),
  is_enterprise_install: orgWide,
  view: z.object({
    id,
    hash: z.string(),
    private_metadata: z.string(),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), z.object({ value: z.string().nullish() }))) }),
  }),
});

export const homeOpenedShape = z.object({
  team_id: id,
  event_id: id,
  event: z.object({ user: id, tab: z.string() }),
});

export const messageShape = z.object({
  team_id: id,
  event_id: id,
  event: z.object({
    channel: id,
    channel_type: z.string().optional(),
    user: id.optional(),
    subtype: z.string().optional(),
    bot_id: z.string().optional(),
    thread_ts: id.optional(),
  }),
});

export const identityShape = z.object({
  team_id: id,
  user_id: id,
  bot_id: id,
  team: z.string().optional(),
  /** Of the header that says what the installation granted. */
  response_metadata: z.object({ scopes: z.array(z.string()).optional() }).optional(),
});
export const socketShape = z.object({ url: id });

/** Deactivated accounts lack the flags of guests. */
export const personShape = z.object({
  user: z.object({
    id,
    team_id: id,
    name: z.string().optional(),
    real_name: z.string().optional(),
    deleted: flag.optional(),
    is_bot: flag.optional(),
    is_restricted: flag.optional(),
    is_ultra_restricted: flag.optional(),
    is_stranger: flag.optional(),
    profile: z.object({ display_name: z.string().optional(), real_name: z.string().optional() }).optional(),
  }),
});

export const channelShape = z.object({
  channel: z.object({
    id,
    name: z.string().optional(),
    is_private: flag.optional(),
    is_im: flag.optional(),
    is_mpim: flag.optional(),
    is_archived: flag.optional(),
    is_member: flag.optional(),
    is_shared: flag,
    is_ext_shared: flag,
    is_org_shared: flag.optional(),
    is_pending_ext_shared: flag.optional(),
  }),
});

export const membersShape = z.object({
  members: z.array(id),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

export const groupShape = z.object({ users: z.array(id) });
export const postedShape = z.object({ channel: id, ts: id });
export const openedViewShape = z.object({ view: z.object({ id, hash: z.string() }) });
