/** What Stripe's error object says beside the message. */
export interface RefusalDetail {
  readonly code?: string;
  readonly param?: string;
  readonly type?: 'invalid_request_error' | 'idempotency_error' | 'api_error';
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer in Stripe's error format; thrown anywhere below the router and rendered there. */
export class Refusal extends Error {
  readonly status: number;
  readonly detail: RefusalDetail;

  constructor(status: number, message: string, detail: RefusalDetail = {}) {
    super(message);
    this.status = status;
    this.detail = detail;
  }

  /** The body as Stripe sends it: absent fields are left out. */
  toBody(): { error: Record<string, string> } {
    const { code, param, type } = this.detail;
    return {
      error: {
        ...(code === undefined
          ? {}
          : { code, doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}` }),
        message: this.message,
        ...(param === undefined ? {} : { param }),
        type: type ?? 'invalid_request_error',
      },
    };
  }
}

/** 401 for a request that names no key. */
export function missingKey(): Refusal {
  return new Refusal(
    401,
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.",
    { headers: { 'www-authenticate': 'Bearer realm="Stripe"' } },
  );
}

/** 401 for a key that is not of this account. */
export function invalidKey(key: string): Refusal {
  return new Refusal(401, `Invalid API Key provided: ${maskKey(key)}`, {
    headers: { 'www-authenticate': 'Bearer realm="Stripe"' },
  });
}

/** A restricted key that lacks `permission`, for example `rak_event_read`. */
export function missingPermission(key: string, accountId: string, permission: string): Refusal {
  return new Refusal(
    403,
    `The provided key '${maskKey(key)}' does not have the required permissions for this endpoint on account '${accountId}'. Having the '${permission}' permission would allow this request to continue.`,
  );
}

/** Nothing with this id; `otherMode` says that the other mode has it. */
export function noSuch(
  noun: string,
  id: string,
  param: string,
  status: 400 | 404,
  otherMode: 'live' | 'test' | null,
): Refusal {
  const mine = otherMode === 'live' ? 'test' : 'live';
  const hint =
    otherMode === null
      ? ''
      : `; a similar object exists in ${otherMode} mode, but a ${mine} mode key was used to make this request.`;
  return new Refusal(status, `No such ${noun}: '${id}'${hint}`, { code: 'resource_missing', param });
}

/** 400 for parameters the endpoint does not have. */
export function unknownParameters(names: readonly string[]): Refusal {
  return new Refusal(400, `Received unknown parameter${names.length > 1 ? 's' : ''}: ${names.join(', ')}`, {
    code: 'parameter_unknown',
    param: names[0] ?? '',
  });
}

/** 400 for a parameter whose value cannot be. */
export function invalidValue(message: string, param: string, code?: string): Refusal {
  return new Refusal(400, message, { param, ...(code === undefined ? {} : { code }) });
}

/** 400 for two parameters of which only one may be given. */
export function exclusiveParameters(first: string, second: string): Refusal {
  return new Refusal(400, `You may only specify one of these parameters: ${first}, ${second}.`, {
    code: 'parameters_exclusive',
    param: first,
  });
}

/** 404 for an address the API does not have. */
export function unrecognizedUrl(method: string, path: string): Refusal {
  return new Refusal(
    404,
    `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
  );
}

/** Prefix and last four characters stay readable, as in Stripe's messages. */
function maskKey(key: string): string {
  const prefix = /^[a-z]+_(?:test|live)_/.exec(key)?.[0] ?? '';
  const rest = key.slice(prefix.length);
  if (rest.length <= 4) return `${prefix}${'*'.repeat(rest.length)}`;
  return `${prefix}${'*'.repeat(rest.length - 4)}${rest.slice(-4)}`;
}
