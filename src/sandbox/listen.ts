import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { answerLate, type FaultBoard, isLate, playFault } from './faults.ts';

/** A local platform server that listens on loopback. */
export interface LocalServer {
  /** For example `http://127.0.0.1:41235`, without a trailing slash. */
  readonly url: string;
  readonly faults: FaultBoard;
  /** Closes the listener and every open connection. */
  stop(): Promise<void>;
}

/** Serves a fetch handler on 127.0.0.1; each request meets the faults that are injected. */
export async function listen(
  handler: (request: Request) => Response | Promise<Response>,
  faults: FaultBoard,
  port = 0,
): Promise<LocalServer> {
  const answer = getRequestListener(handler);
  const server = createServer((request, response) => {
    const fault = faults.match(request);
    if (fault === null) {
      void answer(request, response);
      return;
    }
    if (isLate(fault)) {
      const answerOf = async (asked: Request): Promise<Response> => answerLate(fault, await handler(asked), request);
      void getRequestListener(answerOf)(request, response);
      return;
    }
    void playFault(fault, request, response).then((goesOn) => (goesOn ? answer(request, response) : undefined));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    stop: () => close(server),
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
