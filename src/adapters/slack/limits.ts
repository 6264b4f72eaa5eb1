/** https://docs.slack.dev/reference/block-kit/blocks: blocks of one message. */
export const mostBlocks = 50;
/** https://docs.slack.dev/reference/block-kit/blocks/header-block */
export const longestHeader = 150;
/** https://docs.slack.dev/reference/block-kit/composition-objects/text-object */
export const longestText = 3000;
/** https://docs.slack.dev/reference/block-kit/blocks/actions-block */
export const mostButtonsInRow = 25;
/** https://docs.slack.dev/reference/block-kit/block-elements/button-element */
export const longestButton = 75;
export const longestUrl = 3000;
/** https://docs.slack.dev/reference/block-kit/composition-objects/option-object */
export const longestOption = 75;
export const longestOptionValue = 150;
/** https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element */
export const mostOptions = 100;
export const longestPlaceholder = 150;
/** https://docs.slack.dev/reference/block-kit/blocks/image-block */
export const longestAlt = 2000;
/**
 * All texts of a message together. Slack names the error (`msg_blocks_too_long`) and no number; 13,200 were measured:
 * https://github.com/slackapi/bolt-js/issues/2509
 */
export const mostTextInBlocks = 13_000;
/** `chat.update` refuses more than 4000: https://docs.slack.dev/reference/methods/chat.update */
export const longestFallback = 3900;
/** https://docs.slack.dev/reference/views/modal-views: title, submit and close. */
export const longestModalTitle = 24;
/** Dates of rich text are seconds in ten digits. */
export const latestSecond = 9_999_999_999;

/** https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
export const responseUrlUses = 5;
export const responseUrlLastsMs = 30 * 60_000;
/** A trigger_id opens a dialogue for 3 s: https://docs.slack.dev/surfaces/modals#opening */
export const triggerLastsMs = 2500;

/** `chat.update` may be called about 50 times a minute: https://docs.slack.dev/apis/web-api/rate-limits */
export const updateEveryMs = 2000;
export const updatesAtOnce = 25;
/** Nobody reads the steps of one message faster. */
export const stepEveryMs = 900;
/** Messages that wait longer than this for their turn are shown to the person who asked alone. */
export const longestTurnMs = 20_000;

/** Events are sent again for up to about six minutes: https://docs.slack.dev/apis/events-api#retries */
export const rememberedMs = 15 * 60_000;
export const mostRemembered = 10_000;

/** Roles that are taken away are gone after this long. */
export const rolesLastMs = 60_000;
/** Who reads a channel changes rarely; a channel that was just shared is noticed after this long. */
export const placesLastMs = 60_000;
export const peopleLastMs = 10 * 60_000;
/** With more members than this nobody can tell in time whether all of them are staff. */
export const mostMembers = 200;

/** Nobody notices it; many at once would else wait for the work on each other. */
export const burstMs = 25;
/** A command without an answer by then is told that one follows. */
export const lookingAfterMs = 700;
/** A press shows its progress on the message itself; only a slow beginning is told. */
export const pressLookingAfterMs = 2500;
/** What is on its way when the program stops may take so long. */
export const drainMs = 3000;
