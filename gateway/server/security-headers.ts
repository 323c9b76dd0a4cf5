/**
 * Sets headers by which browsers run only code of this server and send no referrer.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';

/** Browser features that a chat does not need. Disabling them limits an injected script. */
const UNUSED_FEATURES = [
  'accelerometer',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'hid',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
];

/** `isSecure` is true if the gateway itself serves https. Over plain http some headers have no effect. */
export function addSecurityHeaders(app: FastifyInstance, isSecure: boolean): void {
  const headers = {
    ...helmetHeaders(isSecure),
    // Answers change, and some need the access code. Only the files of the page override this.
    'cache-control': 'no-store',
    'permissions-policy': UNUSED_FEATURES.map((feature) => `${feature}=()`).join(', '),
    'x-robots-tag': 'noindex, nofollow',
  };
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
}

/** Computes the headers once, because helmet would build them for each request: a quarter of the garbage of a small one. */
function helmetHeaders(isSecure: boolean): Record<string, string> {
  const setHeaders = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        // This includes the WebSocket, because browsers count `wss:` on the same host as 'self'.
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    crossOriginOpenerPolicy: isSecure,
    originAgentCluster: isSecure,
    strictTransportSecurity: isSecure,
  });
  const headers: Record<string, string> = {};
  const response = {
    setHeader: (name: string, value: string) => {
      headers[name.toLowerCase()] = value;
    },
    removeHeader: () => {},
  };
  setHeaders({} as IncomingMessage, response as unknown as ServerResponse, () => {});
  return headers;
}
