export type { Persona } from './personas.ts';
export type {
  ActEnd,
  PurchaseEnd,
  PurchaseWish,
  SandboxControls,
  ShopAct,
  ShopChoice,
  SuggestedCustomer,
  Trouble,
} from './sandbox-controls.ts';
export { createWebAdapter, type Mounted, type WebAdapter, type WebConfig, type WebDeps } from './server.ts';
