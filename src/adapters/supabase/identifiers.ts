const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return uuid.test(text);
}

/** Keys of the merchant's tables are UUIDs or whole numbers; anything else names no row. */
export function isRowId(text: string): boolean {
  return isUuid(text) || /^\d{1,18}$/.test(text);
}

/** Ids as Stripe makes them; anything else can stand in no query. */
export function isStripeId(text: string): boolean {
  return /^[A-Za-z0-9_]{1,255}$/.test(text);
}

/** Panel ids are what fits an integer column of Postgres. */
export function isPanelId(id: number): boolean {
  return Number.isInteger(id) && id > 0 && id <= 2_147_483_647;
}
