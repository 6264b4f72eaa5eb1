/** Bounded, so that a long text without an address costs no more than a short one. */
const emailInText = /([^\s@<>()[\]{}"'`,;:=|/\\]{1,64})@([^\s@<>()[\]{}"'`,;:=|/\\]{1,253})/gu;

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
  return value.replace(emailInText, (_whole, name: string, domain: string) => maskEmail(`${name}@${domain}`));
}
