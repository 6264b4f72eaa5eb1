/** Sent with requests that only try whether a function answers, so that their traces never count as evidence. */
export const probeUserAgent = 'pterodoc-probe';

/** The id of the made-up event that such a request carries. */
export const probeEventId = 'evt_pterodoc_probe';
