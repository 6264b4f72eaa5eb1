import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Sent with everything: the page consists of its own files alone, runs no inline script, and cannot be framed. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** Which names this server answers to. A page elsewhere that lets its name point here stays outside. */
export interface Names {
  answersTo(request: IncomingMessage): boolean;
  /** Whether a request that changes something comes from a page of this server. */
  comesFromItself(request: IncomingMessage): boolean;
}

const loopback = ['127.0.0.1', 'localhost', '[::1]'];
const wildcards = ['0.0.0.0', '::', ''];

export function namesOf(host: string, { port }: Pick<AddressInfo, 'port'>, publicUrl: string | null): Names {
  const named = wildcards.includes(host) || loopback.includes(bracketed(host)) ? loopback : [bracketed(host)];
  const origins = new Set([
    ...named.map((name) => originOf(`http://${name}:${port}`)),
    ...(publicUrl === null ? [] : [originOf(publicUrl)]),
  ]);
  const hosts = new Set([...origins].map((origin) => new URL(origin).host));
  // Bound to every address, the one that was connected to is known only then.
  const ownAddress = ({ socket }: IncomingMessage): string | null =>
    wildcards.includes(host) && socket.localAddress !== undefined
      ? originOf(`http://${bracketed(socket.localAddress.replace(/^::ffff:/, ''))}:${port}`)
      : null;
  return {
    answersTo(request) {
      const asked = request.headers.host ?? '';
      if (!/^[\w.[\]:-]+$/.test(asked) || !URL.canParse(`http://${asked}`)) return false;
      const own = ownAddress(request);
      const { host } = new URL(`http://${asked}`);
      return hosts.has(host) || (own !== null && new URL(own).host === host);
    },
    comesFromItself(request) {
      const { origin } = request.headers;
      return origin !== undefined && (origins.has(origin) || origin === ownAddress(request));
    },
  };
}

/** Where a person finds the page. */
export function addressOf(host: string, port: number): string {
  return originOf(`http://${wildcards.includes(host) ? '127.0.0.1' : bracketed(host)}:${port}`);
}

function originOf(url: string): string {
  return new URL(url).origin;
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
