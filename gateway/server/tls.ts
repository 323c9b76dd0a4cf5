/**
 * Reads the certificate and the key for https without a proxy.
 */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

/** Paths of the certificate with its chain and of its key, both PEM. */
export interface TlsFiles {
  cert: string;
  key: string;
}

export interface KeyPair {
  cert: Buffer;
  key: Buffer;
}

/** Throws an error whose message is one line for the operator. */
export function readKeyPair(files: TlsFiles): KeyPair {
  const pair = { cert: readPem('TLS_CERT', files.cert), key: readPem('TLS_KEY', files.key) };
  try {
    createSecureContext(pair);
  } catch (error) {
    const why = (error as Error).message;
    throw new Error(`TLS_CERT=${files.cert} and TLS_KEY=${files.key} are no certificate and its key: ${why}`);
  }
  return pair;
}

function readPem(variable: string, path: string): Buffer {
  if (path === '') throw new Error(`${variable} is missing: TLS_CERT and TLS_KEY go together`);
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`${variable}=${path} can not be read: ${(error as Error).message}`);
  }
}
