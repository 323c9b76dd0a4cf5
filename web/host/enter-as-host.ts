import { isObject, isText } from '../../common/guards.ts';
import { gatewayUrl, token } from '../ui/browser-effects.ts';

/** Longest wait for the answer. */
const TIMEOUT_MS = 15_000;

const TOO_MANY_REQUESTS = 429;

export type HostLogin = 'host' | 'wrong' | 'too-many' | 'failed';

/** Exchanges the hosts' passphrase for a token, which the next connection offers. */
export async function enterAsHost(code: string): Promise<HostLogin> {
  try {
    const answer = await fetch(gatewayUrl('/api/enter'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.status === TOO_MANY_REQUESTS) return 'too-many';
    const body: unknown = await answer.json();
    // The passphrase of the guests is right too, but makes no host.
    if (!answer.ok || !isObject(body) || body.host !== true || !isText(body.token)) return 'wrong';
    token.save(body.token);
    return 'host';
  } catch {
    return 'failed';
  }
}
