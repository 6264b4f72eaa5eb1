/** Bytes of a request's body; the longest is a reason of 500 characters with its ids. */
export const longestBody = 8 * 1024;
/** Characters of a typed line. */
export const longestLine = 500;
/** Messages that are kept; a visitor of the sandbox hardly gets through a tenth. */
export const mostMessages = 400;
/** Events that a window can miss and still be told one by one. */
export const mostReplayed = 500;
/** Streams open at once. Browsers open six connections to one HTTP/1.1 server, whatever the number of windows. */
export const mostStreams = 64;
/** Bytes that wait for a window which does not read; more, and it has to connect anew. */
export const mostUnread = 2 * 1024 * 1024;
/** Commands and presses that one window may have under way. */
export const mostAtOnce = 6;
export const heartbeatMs = 15_000;
/** How long a browser waits before it connects again. */
export const retryMs = 1_000;
export const headersTimeoutMs = 5_000;
export const requestTimeoutMs = 10_000;
