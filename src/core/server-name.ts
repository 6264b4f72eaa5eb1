/**
 * A server's name as it is compared. The panel takes white space and invisible characters off the ends of what it
 * stores, more of them with every version, so they count nowhere.
 */
export function comparableServerName(name: string): string {
  return name.replace(/[\p{Cf}\u0085]/gu, '').trim();
}
