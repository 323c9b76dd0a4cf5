/**
 * Certificates for tests, made by openssl.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { without } from './process.ts';

export const withoutOpenssl = without('openssl');

/** Makes a self-signed certificate and its key, and returns their files. It may hold for an IP address too. */
export function makePair(dir: string, name: string, ip?: string): { cert: string; key: string } {
  const [cert, key] = [join(dir, `${name}.pem`), join(dir, `${name}.key`)];
  const subject = [
    '-subj',
    `/CN=${name}`,
    '-days',
    '1',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    ...(ip === undefined ? [] : ['-addext', `subjectAltName=IP:${ip}`]),
  ];
  execFileSync('openssl', ['req', '-x509', '-nodes', ...subject, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  return { cert, key };
}
