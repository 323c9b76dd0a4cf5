/**
 * Encrypts connections to NATS, and checks the servers' certificates.
 */
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { ConnectionOptions } from './packages.ts';

/** Parts of the codes of errors of certificates. */
const CERTIFICATE_ERROR = /CERT|ALTNAME|UNABLE_TO_VERIFY|ISSUER|SELF_SIGNED/;

/** Returns undefined where neither a server's scheme nor an authority asks for TLS. */
export function tlsOptionsOf(servers: readonly string[], ca: string | undefined): ConnectionOptions['tls'] {
  if (ca === undefined && !servers.some((server) => server.startsWith('tls://'))) return undefined;
  const hosts = servers.map(
    (server) => new URL(server.includes('://') ? server : `nats://${server}`).hostname,
  );
  const options = {
    ...(ca !== undefined && { ca }),
    // The client checks a certificate for `localhost` where it connects to an IP address. NATS may also name further
    // addresses of its servers.
    checkServerIdentity(_host: string, certificate: PeerCertificate): Error | undefined {
      const errors = hosts.map((host) => checkServerIdentity(host, certificate));
      return errors.includes(undefined) ? undefined : errors[0];
    },
  };
  return options;
}

/** Returns why a connection failed, in words that name the side to look at. */
export function reasonOf(error: unknown): string {
  const { code = '', message } = error as Error & { code?: unknown };
  if (CERTIFICATE_ERROR.test(String(code))) return `its certificate is refused: ${message}`;
  if (message.includes("does not support 'tls'"))
    return 'it has no TLS, which CLUSTER or CLUSTER_CA asks for';
  return message;
}
