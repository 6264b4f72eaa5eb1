import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** The credentials of one local project; the same seed gives the same ones. */
export interface ProjectKeys {
  readonly projectRef: string;
  readonly publishableKey: string;
  readonly secretKey: string;
  /** The older kinds of the two keys above: signed tokens that do not expire in practice. */
  readonly anonKey: string;
  readonly serviceRoleKey: string;
  readonly jwtSecret: string;
  /** A personal access token for the Management API. */
  readonly accessToken: string;
}

/** What a verified token says about its bearer. */
export interface TokenClaims {
  readonly role?: string;
  readonly sub?: string;
  readonly exp?: number;
}

const LEGACY_KEY_ISSUED_AT_S = 1_731_000_000;
const TEN_YEARS_S = 315_360_000;

/** Derives all credentials of a project from a seed. */
export function makeProjectKeys(seed: string): ProjectKeys {
  const derive = (purpose: string): Buffer => createHash('sha256').update(`${seed}:${purpose}`).digest();
  const jwtSecret = derive('jwt').toString('hex');
  const projectRef = letters(derive('ref'), 20);
  const legacyKey = (role: string): string =>
    signToken(jwtSecret, {
      iss: 'supabase',
      ref: projectRef,
      role,
      iat: LEGACY_KEY_ISSUED_AT_S,
      exp: LEGACY_KEY_ISSUED_AT_S + TEN_YEARS_S,
    });
  return {
    projectRef,
    jwtSecret,
    publishableKey: `sb_publishable_${derive('publishable').toString('base64url').slice(0, 31)}`,
    secretKey: `sb_secret_${derive('secret').toString('base64url').slice(0, 31)}`,
    anonKey: legacyKey('anon'),
    serviceRoleKey: legacyKey('service_role'),
    accessToken: `sbp_${derive('access').toString('hex').slice(0, 40)}`,
  };
}

/** Derives a UUID (version 4 in form) from a text. */
export function deriveUuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Signs claims as an HS256 token. */
export function signToken(secret: string, claims: Readonly<Record<string, unknown>>): string {
  const head = encode({ alg: 'HS256', typ: 'JWT' });
  const body = encode(claims);
  return `${head}.${body}.${signature(secret, `${head}.${body}`)}`;
}

/** The claims of a token whose signature holds and that has not expired; null for anything else. */
export function readToken(secret: string, token: string): TokenClaims | null {
  const [head, body, signed, ...rest] = token.split('.');
  if (head === undefined || body === undefined || signed === undefined || rest.length > 0) return null;
  const expected = Buffer.from(signature(secret, `${head}.${body}`));
  const given = Buffer.from(signed);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return null;
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as TokenClaims;
  return claims.exp !== undefined && claims.exp * 1000 <= Date.now() ? null : claims;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function signature(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}

function letters(bytes: Buffer, count: number): string {
  return [...bytes.subarray(0, count)].map((byte) => String.fromCharCode(97 + (byte % 26))).join('');
}
