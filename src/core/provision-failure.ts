/**
 * Why `servers-provision` gave up, read from its own words. Only anchored, known patterns count: its address is
 * open, so whatever a caller sends may stand in the middle of a line.
 */
export type ProvisionFailure =
  | { readonly kind: 'no-enabled-node'; readonly region: string }
  | { readonly kind: 'no-capacity'; readonly planId: string; readonly region: string }
  | { readonly kind: 'no-free-allocation' }
  | { readonly kind: 'node-unknown-to-panel' }
  | { readonly kind: 'panel-key-refused'; readonly status: number }
  | { readonly kind: 'panel-rate-limited' }
  | { readonly kind: 'panel-unreachable'; readonly status: number | null }
  | { readonly kind: 'panel-not-api' }
  | { readonly kind: 'egg-invalid'; readonly fields: readonly string[] }
  | { readonly kind: 'panel-user-gone' }
  | { readonly kind: 'panel-account-refused'; readonly fields: readonly string[] }
  | { readonly kind: 'no-profile-email' }
  | { readonly kind: 'unconfigured' }
  | { readonly kind: 'wings-silent' }
  | { readonly kind: 'not-deployed' }
  | { readonly kind: 'crashed'; readonly limit: 'crash' | 'boot' | 'time' | 'resources' }
  /** It was not asked to provision a paid order; says nothing about why the order failed. */
  | { readonly kind: 'order-not-paid' }
  | { readonly kind: 'other'; readonly status: number | null; readonly text: string };

const gatewayCodes: ReadonlyMap<string, ProvisionFailure> = new Map([
  ['NOT_FOUND', { kind: 'not-deployed' }],
  ['WORKER_ERROR', { kind: 'crashed', limit: 'crash' }],
  ['BOOT_ERROR', { kind: 'crashed', limit: 'boot' }],
  ['IDLE_TIMEOUT', { kind: 'crashed', limit: 'time' }],
  ['WORKER_RESOURCE_LIMIT', { kind: 'crashed', limit: 'resources' }],
  ['WORKER_LIMIT', { kind: 'crashed', limit: 'resources' }],
]);

/** Reads the answer of `servers-provision`: HTTP status and body, as `stripe-webhook` logs them. */
export function classifyAnswer(status: number, body: string): ProvisionFailure {
  const json = parseObject(body);
  const code = json?.['code'];
  const gateway = typeof code === 'string' ? gatewayCodes.get(code) : undefined;
  if (gateway !== undefined) return gateway;
  const error = json?.['error'];
  if (typeof error === 'string') return classifyReason(error, status);
  if (status === 546) return { kind: 'crashed', limit: 'resources' };
  if (status === 504) return { kind: 'crashed', limit: 'time' };
  return { kind: 'other', status, text: body };
}

/** Reads the message `servers-provision` threw. `status` is that of its own answer, where known. */
export function classifyReason(message: string, status: number | null = null): ProvisionFailure {
  const text = message.replace(/^Error: /, '').trim();
  const noNode = /^No available nodes in region:(?: (.{0,80}))?$/.exec(text);
  if (noNode) return { kind: 'no-enabled-node', region: noNode[1] ?? '' };
  const noCapacity = /^No available capacity for plan (\S{1,80}) in region(?: (.{0,80}))?$/.exec(text);
  if (noCapacity) return { kind: 'no-capacity', planId: noCapacity[1] ?? '', region: noCapacity[2] ?? '' };
  if (text === 'No available ports on selected node') return { kind: 'no-free-allocation' };
  if (text === 'User email not found. Cannot create Pterodactyl account.') return { kind: 'no-profile-email' };
  if (text === 'Pterodactyl configuration missing') return { kind: 'unconfigured' };
  if (/^(?:TypeError: )?Invalid URL: '?undefined\/api/.test(text)) return { kind: 'unconfigured' };
  // Whatever follows came from a caller; it may be nothing but white space.
  if (text.startsWith('Order not found or not paid:')) return { kind: 'order-not-paid' };
  const allocations = /^Failed to fetch allocations: (\d{3})(?: ([\s\S]*))?$/.exec(text);
  if (allocations) return classifyPanelAnswer(Number(allocations[1]), allocations[2] ?? '', 'allocations');
  const create = /^Failed to create server: (\d{3})(?: (?:- )?([\s\S]*))?$/.exec(text);
  if (create) return classifyPanelAnswer(Number(create[1]), create[2] ?? '', 'server');
  const account = /^Failed to create Pterodactyl (?:user|account): (?:(\d{3})(?:$| (?:- )?))?([\s\S]*)$/.exec(text);
  if (account) {
    const body = account[2] ?? '';
    return classifyPanelAnswer(account[1] === undefined ? statusInBody(body) : Number(account[1]), body, 'account');
  }
  if (/^(?:TypeError: )?(?:fetch failed|error sending request)/.test(text)) {
    return { kind: 'panel-unreachable', status: null };
  }
  if (/^(?:SyntaxError: )?Unexpected token '?</.test(text)) return { kind: 'panel-not-api' };
  return { kind: 'other', status, text };
}

function classifyPanelAnswer(
  status: number | null,
  body: string,
  asked: 'allocations' | 'server' | 'account',
): ProvisionFailure {
  const errors = panelErrors(body);
  if (errors.some((error) => error.code === 'DaemonConnectionException')) return { kind: 'wings-silent' };
  if (status === 401 || status === 403) return { kind: 'panel-key-refused', status };
  if (status === 429) return { kind: 'panel-rate-limited' };
  if (status === 404 && asked === 'allocations') return { kind: 'node-unknown-to-panel' };
  if (status === 422) {
    const fields = [...new Set(errors.map((error) => error.field).filter((field) => field !== null))];
    if (asked === 'account') return { kind: 'panel-account-refused', fields };
    if (fields.includes('user')) return { kind: 'panel-user-gone' };
    if (fields.some((field) => field === 'egg' || field.startsWith('environment')))
      return { kind: 'egg-invalid', fields };
  }
  if (errors.length === 0 && /^\s*</.test(body)) {
    return status !== null && status >= 500 ? { kind: 'panel-unreachable', status } : { kind: 'panel-not-api' };
  }
  if (errors.length === 0 && (status === 502 || status === 503 || status === 504)) {
    return { kind: 'panel-unreachable', status };
  }
  return { kind: 'other', status, text: errors.map((error) => error.detail).join(' ') || body };
}

/** The reference function throws the panel's answer without its status, which the error envelope repeats. */
function statusInBody(body: string): number | null {
  const status = panelErrors(body)[0]?.status ?? '';
  return /^\d{3}$/.test(status) ? Number(status) : null;
}

interface PanelError {
  readonly status: string;
  readonly code: string;
  readonly field: string | null;
  readonly detail: string;
}

/** The panel's error envelope, read leniently: a cut or foreign body gives an empty list. */
function panelErrors(body: string): readonly PanelError[] {
  const errors = parseObject(body)?.['errors'];
  if (!Array.isArray(errors)) return [];
  return errors.filter(isRecord).map((error) => {
    const meta = error['meta'];
    const field = isRecord(meta) ? meta['source_field'] : null;
    return {
      status: String(error['status'] ?? ''),
      code: String(error['code'] ?? ''),
      field: typeof field === 'string' ? field : null,
      detail: String(error['detail'] ?? ''),
    };
  });
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
