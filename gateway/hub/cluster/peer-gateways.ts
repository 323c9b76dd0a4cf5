/**
 * The other gateways that live, and the addresses of their voices.
 */

/** The voices of a gateway without a signal for this time are gone, ms. */
const GONE_MS = 5_000;

export class PeerGateways {
  readonly #gateways = new Map<string, { addresses: ReadonlySet<string>; at: number }>();

  get count(): number {
    return this.#gateways.size;
  }

  /** A gateway lives, and has voices with these addresses. */
  onSignal(gateway: string, addresses: readonly string[]): void {
    this.#gateways.set(gateway, { addresses: new Set(addresses), at: performance.now() });
  }

  isVoice(address: string): boolean {
    for (const { addresses } of this.#gateways.values()) if (addresses.has(address)) return true;
    return false;
  }

  evict(): void {
    const now = performance.now();
    for (const [gateway, { at }] of this.#gateways) if (now - at > GONE_MS) this.#gateways.delete(gateway);
  }
}
