/** https://docs.discord.com/developers/components/reference#component-object: all of a message, nested ones counted. */
export const mostComponents = 40;
/** https://github.com/discord/discord-api-docs/issues/8562: all text displays of a message together. */
export const mostText = 4000;
/**
 * Beyond this many UTF-8 bytes, with 12 more for each display, Discord answers 500:
 * https://github.com/discord/discord-api-docs/issues/8554
 */
export const mostTextBytes = 10_170;
export const bytesPerDisplay = 12;
/** https://docs.discord.com/developers/components/reference#action-row */
export const mostButtonsInRow = 5;
/** https://docs.discord.com/developers/components/reference#button */
export const longestButton = 80;
export const longestButtonUrl = 512;
/** https://docs.discord.com/developers/components/reference#anatomy-of-a-component-custom-id */
export const longestCustomId = 100;
/** https://docs.discord.com/developers/components/reference#string-select */
export const mostOptions = 25;
export const longestOption = 100;
export const longestPlaceholder = 150;
/** https://docs.discord.com/developers/components/reference#media-gallery */
export const longestImageUrl = 2048;
export const longestAlt = 256;
/** Not Discord's: a longer address would leave no room for words. */
export const longestLink = 400;
/** https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-modal */
export const longestModalTitle = 45;
/** https://docs.discord.com/developers/components/reference#label */
export const longestModalLabel = 45;
/** https://docs.discord.com/developers/components/reference#text-input */
export const longestModalInput = 4000;
/** https://docs.discord.com/developers/interactions/application-commands#application-command-object */
export const longestDescription = 100;
/** Longer than any e-mail address. */
export const longestCommandInput = 320;

/**
 * https://docs.discord.com/developers/interactions/receiving-and-responding#responding-to-an-interaction: the first
 * answer has 3 s from the event, and then some of it is the way here.
 */
export const firstAnswerWithinMs = 2600;
/** One lost answer then leaves time for two more attempts. */
export const firstAnswerTimeoutMs = 700;
/** Who waits longer is told what is being done. */
export const lookingAfterMs = 700;
/** Far more than the first answer may take: clocks may differ. What is older can only be a replay. */
export const surelyTooOldMs = 60_000;
/** The token lives 15 minutes. */
export const tokenLastsMs = 14.5 * 60_000;
/** A bot's edits of a message that is older have a limit of their own, which allows no progress. */
export const editableFreelyMs = 55 * 60_000;
/** Channels take five edits in five seconds. */
export const editEveryMs = 1200;
export const requestTimeoutMs = 5000;
/** Rather say it otherwise than be queued for longer. */
export const longestQueuedMs = 15_000;
/** Discord holds all events back until every server has been announced, or this time is over. */
export const waitForGuildsMs = 1000;
/** How long answers on their way are waited for at the end. */
export const drainMs = 5000;
