/**
 * What browsers are told about our pages: to run nothing but what we serve, and to tell nobody where they are.
 */
import fastifyHelmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** None of it is of use to a chat, so none is there for a script that got in. */
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

/** `isSecure`: over TLS of our own. At a plain http address, a first-class way to use it, some can't be obeyed. */
export async function addSecurityHeaders(app: FastifyInstance, isSecure: boolean): Promise<void> {
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        // Also of the WebSocket: for today's browsers `wss:` at the own host is the page's own.
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
      // Answers are of this moment, and some are for who has the code: the files of the page alone say otherwise.
      .header('cache-control', 'no-store')
      .header('permissions-policy', UNUSED_FEATURES.map((feature) => `${feature}=()`).join(', '))
      .header('x-robots-tag', 'noindex, nofollow');
  });
}
