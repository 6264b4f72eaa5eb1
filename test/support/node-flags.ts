/**
 * For processes that open an embedded Postgres and soon end: they are over before WebAssembly that was compiled twice,
 * the second time for speed, pays off.
 */
export const nodeFlags = ['--liftoff-only'];
