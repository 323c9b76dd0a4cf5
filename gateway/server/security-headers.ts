/**
 * Sets headers by which browsers run only code of this server and send no referrer.
 */
import fastifyHelmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

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
export async function addSecurityHeaders(app: FastifyInstance, isSecure: boolean): Promise<void> {
  await app.register(fastifyHelmet, {
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
  app.addHook('onRequest', async (_request, reply) => {
    reply
      // Answers change, and some need the access code. Only the files of the page override this.
      .header('cache-control', 'no-store')
      .header('permissions-policy', UNUSED_FEATURES.map((feature) => `${feature}=()`).join(', '))
      .header('x-robots-tag', 'noindex, nofollow');
  });
}
