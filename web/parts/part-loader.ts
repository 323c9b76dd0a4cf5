import type { Effects } from '../client/effects.ts';

/** Loads one part of the page. */
export type Load<Part = unknown> = () => Promise<Part>;

/** `absent`: the part was not requested yet. */
export type PartState = 'absent' | 'loading' | 'loaded' | 'failed';

/**
 *     whole --another build is served--> outdated       a reload helps; the parts of this build may be gone
 *       |
 *       +--a part fails again, though the gateway answers--> incomplete
 *
 * Firefox caches the failure of an import, so that only a reload helps.
 */
export type PageState = 'whole' | 'incomplete' | 'outdated';

interface PartLoaderEffects extends Pick<Effects, 'changed'> {
  /** Build of this page; undefined in development. */
  ownBuild: string | undefined;
  /** Resolves to the build that the gateway serves. Rejects while the gateway is unreachable. */
  servedBuild(): Promise<string | undefined>;
}

/** Loads the lazy parts of the page, and detects when only a reload helps. */
export class PartLoader<Parts extends Record<string, Load>> {
  readonly #parts: Parts;
  readonly #effects: PartLoaderEffects;
  readonly #states = new Map<keyof Parts, PartState>();
  #pageState: PageState = 'whole';

  constructor(parts: Parts, effects: PartLoaderEffects) {
    this.#parts = parts;
    this.#effects = effects;
  }

  get pageState(): PageState {
    return this.#pageState;
  }

  stateOf(name: keyof Parts): PartState {
    return this.#states.get(name) ?? 'absent';
  }

  /** Rejects if the part can't be loaded. The next call tries again. */
  async load<Name extends keyof Parts>(name: Name): Promise<Awaited<ReturnType<Parts[Name]>>> {
    const before = this.stateOf(name);
    if (before !== 'loaded') this.#setState(name, 'loading');
    try {
      const part = await this.#parts[name]?.();
      this.#setState(name, 'loaded');
      return part as Awaited<ReturnType<Parts[Name]>>;
    } catch (error) {
      this.#setState(name, 'failed');
      void this.#findReason(before === 'failed');
      throw error;
    }
  }

  /** Checks whether the gateway serves another build. */
  async checkBuild(): Promise<void> {
    await this.#findReason(false);
  }

  async #findReason(hasFailedBefore: boolean): Promise<void> {
    const { ownBuild, servedBuild } = this.#effects;
    const served = await servedBuild().catch(() => undefined);
    if (served === undefined || ownBuild === undefined) return;
    if (served !== ownBuild) this.#pageState = 'outdated';
    else if (hasFailedBefore) this.#pageState = 'incomplete';
    this.#effects.changed();
  }

  #setState(name: keyof Parts, state: PartState): void {
    if (state === this.stateOf(name)) return;
    this.#states.set(name, state);
    this.#effects.changed();
  }
}

const ENTRY_SCRIPT = /\bsrc="[^"]*\/(index-[\w-]+\.js)"/;

/** Returns the name of a page's entry script, which contains a hash of the code. */
export function buildOf(html: string): string | undefined {
  return ENTRY_SCRIPT.exec(html)?.[1];
}
