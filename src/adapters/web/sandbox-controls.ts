/** Somebody a visitor can ask about. */
export interface SuggestedCustomer {
  readonly email: string;
  /** One sentence: what is wrong, or that nothing is. */
  readonly story: string;
}

/** Something that can be chosen when buying. */
export interface ShopChoice {
  readonly id: string;
  readonly label: string;
}

/** What a visitor buys, through the shop's own checkout. */
export interface PurchaseWish {
  readonly email: string;
  readonly planId: string;
  readonly region: string;
  /** `null`: the shop finds a name. */
  readonly serverName: string | null;
}

/** What came of a purchase. `orderId` is `null` where the shop has not made an order of it yet, or never will. */
export type PurchaseEnd =
  | { readonly sessionId: string; readonly orderId: string | null }
  /** A sentence for the visitor: nothing was bought. */
  | { readonly refused: string };

/** What came of an act: a sentence for the visitor, of what happened or of why nothing could. */
export type ActEnd = { readonly words: string } | { readonly refused: string };

/** Something of the shop that can be broken and mended again. */
export interface Trouble {
  readonly id: string;
  readonly title: string;
  /** One sentence: what happens then. */
  readonly what: string;
  /** Troubles of one group stand together, under this heading. */
  readonly group: string;
  readonly isBroken: boolean;
}

/** Something that happens once, and is not taken back: a refund, a lost event. */
export interface ShopAct {
  readonly id: string;
  readonly title: string;
  readonly what: string;
  /** Whether it happens to one customer, or to the shop. */
  readonly to: 'customer' | 'shop';
}

/** What a visitor of the sandbox can do to the shop behind it. Whatever fails throws. */
export interface SandboxControls {
  readonly customers: readonly SuggestedCustomer[];
  readonly plans: readonly ShopChoice[];
  readonly regions: readonly ShopChoice[];
  readonly acts: readonly ShopAct[];
  /** Resolves when the payment is made. */
  purchase(wish: PurchaseWish): Promise<PurchaseEnd>;
  /** In the order in which they are shown. */
  troubles(): Promise<readonly Trouble[]>;
  break(troubleId: string): Promise<void>;
  mend(troubleId: string): Promise<void>;
  /** `email` is `null` for acts on the shop. */
  act(actId: string, email: string | null): Promise<ActEnd>;
}
