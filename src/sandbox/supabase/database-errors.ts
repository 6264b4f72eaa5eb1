/** What Postgres says about a refused statement. */
interface PostgresError {
  readonly code: string;
  readonly message: string;
  readonly detail?: string | null;
  readonly hint?: string | null;
}

/** Answers that differ between hosted Supabase and `@supabase/lite` 0.10, by SQLSTATE. */
const STATUS_BY_SQLSTATE: Readonly<Record<string, number>> = { '23514': 400, P0001: 400, '57014': 500 };

/**
 * Rewrites a database error so that lite answers it as the hosted Data API does.
 * lite lets a database raise its own answer as an error with code PGRST, whose message and detail are JSON.
 * See https://docs.postgrest.org/en/stable/references/errors.html
 */
export function asHostedAnswer(error: unknown): unknown {
  if (!isPostgresError(error)) return error;
  const status = STATUS_BY_SQLSTATE[error.code];
  if (status === undefined) return error;
  return {
    code: 'PGRST',
    message: JSON.stringify({
      code: error.code,
      message: error.message,
      details: error.detail ?? null,
      hint: error.hint ?? null,
    }),
    detail: JSON.stringify({ status, headers: {} }),
  };
}

function isPostgresError(error: unknown): error is PostgresError {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';
}
