/** Wider than what an address may hold, so that no part of one is left over; a linear scan whatever the text. */
const word = /[^\s<>()[\]{},;:"\\]+/gu;

/** An address as a channel may see it: `a•••@example.com`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  if (at === -1) return '•••';
  const [first, ...others] = email.slice(0, at);
  // One letter and nothing after it would be the whole name.
  return `${others.length === 0 ? '' : first}•••${email.slice(at)}`;
}

/** Masks every address within a text. The text must be clean: invisible characters could hide one. */
export function maskEmailsIn(value: string): string {
  return value.replace(word, (found) => (found.lastIndexOf('@') > 0 ? maskEmail(found) : found));
}

/** What the keys of the systems around begin with, and JSON Web Tokens. */
const secret =
  /(?<![A-Za-z0-9])(ptl[ac]_|p(?:app|acc)_|[sr]k_(?:live|test)_|whsec_|sb_secret_|sbp_|xox[a-z]-|xapp-|eyJ)[\w.-]{6,}/g;

/** Masks what looks like a key or a token, in words of others that may quote one. */
export function maskSecretsIn(value: string): string {
  return value.replace(secret, '$1•••');
}

/** For words that are kept, or that more people read than wrote them. */
export function maskPrivateIn(value: string): string {
  return maskEmailsIn(maskSecretsIn(value));
}
