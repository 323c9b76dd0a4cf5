/**
 * Opens the engine that CLUSTER names. A gateway without a cluster loads nothing of it.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type ClusterEngine, EngineRefused } from './engine.ts';
import type { EngineLog } from './nats/nats-engine.ts';
import type { Retention } from './nats/streams.ts';

export interface ClusterSettings {
  CLUSTER: string;
  CLUSTER_NAME: string;
  CLUSTER_TOKEN: string;
  CLUSTER_CREDENTIALS: string;
  CLUSTER_CA: string;
  CLUSTER_ALLOW_OLD: boolean;
}

/** Resolves when the engine is there. Rejects with `EngineRefused` if waiting is useless. */
export async function openEngine(
  settings: ClusterSettings,
  retention: Retention,
  log: EngineLog,
  signal: AbortSignal,
): Promise<ClusterEngine> {
  const options = {
    servers: serversIn(settings.CLUSTER),
    cluster: settings.CLUSTER_NAME,
    ...(settings.CLUSTER_TOKEN !== '' && { token: settings.CLUSTER_TOKEN }),
    ...readFile(settings, 'CLUSTER_CREDENTIALS', 'credentials', checkCredentials),
    ...readFile(settings, 'CLUSTER_CA', 'ca', (text) => new X509Certificate(text)),
    allowOld: settings.CLUSTER_ALLOW_OLD,
    ...retention,
  };
  const { connectNats } = await import('./nats/connect.ts');
  return await connectNats(options, log, signal);
}

/** The scheme may stand before each server, or before the first alone: `nats://a,b,c`. */
export function serversIn(list: string): string[] {
  const [first = '', ...others] = list.split(',').map((server) => server.trim());
  const scheme = /^\w+:\/\//.exec(first)?.[0] ?? '';
  return [first, ...others.map((server) => (server.includes('://') ? server : scheme + server))];
}

function readFile(
  settings: ClusterSettings,
  name: 'CLUSTER_CREDENTIALS' | 'CLUSTER_CA',
  option: string,
  check: (text: string) => void,
): Record<string, string> {
  const path = settings[name];
  if (path === '') return {};
  try {
    const text = readFileSync(path, 'utf8');
    check(text);
    return { [option]: text };
  } catch (error) {
    throw new EngineRefused(`Bad configuration: ${name}=${path}: ${(error as Error).message}`);
  }
}

/** The client of NATS would wait for ever with a file that it can't read. */
function checkCredentials(text: string): void {
  for (const part of ['BEGIN NATS USER JWT', 'BEGIN USER NKEY SEED'])
    if (!text.includes(part)) throw new Error(`has no ${part}`);
}
