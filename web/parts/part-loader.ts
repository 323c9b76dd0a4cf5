/** Loads one part of the page. */
export type Load<Part = unknown> = () => Promise<Part>;

/** `absent`: nobody has asked for the part yet. */
export type PartState = 'absent' | 'loading' | 'loaded' | 'failed';

/**
 *     whole --another build is served--> outdated       a reload takes it; the parts of this build may be gone
 *       |
 *       +--a part fails again, though the gateway answers--> incomplete
 *
 * Firefox answers each later import of a module that failed once from its cache: then only a reload helps.
 */
export type PageState = 'whole' | 'incomplete' | 'outdated';

export interface PartLoaderEffects {
  /** The build of this page; undefined where the page is served from its sources. */
  ownBuild: string | undefined;
  /** The build that the gateway serves now. Rejects while the gateway can't be reached. */
  servedBuild(): Promise<string | undefined>;
  changed(): void;
}

/** Loads the parts of the page that many visits never need, and knows when only a reload brings them. */
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

  /** Rejects when the part can't be loaded; the next call tries again. */
  async load<Name extends keyof Parts>(name: Name): Promise<Awaited<ReturnType<Parts[Name]>>> {
    const before = this.stateOf(name);
    if (before !== 'loaded') this.#settle(name, 'loading');
    try {
      const part = await this.#parts[name]?.();
      this.#settle(name, 'loaded');
      return part as Awaited<ReturnType<Parts[Name]>>;
    } catch (error) {
      this.#settle(name, 'failed');
      void this.#findReason(before === 'failed');
      throw error;
    }
  }

  /** Looks whether the gateway serves another build by now. */
  async lookForBuild(): Promise<void> {
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

  #settle(name: keyof Parts, state: PartState): void {
    if (state === this.stateOf(name)) return;
    this.#states.set(name, state);
    this.#effects.changed();
  }
}

const ENTRY_SCRIPT = /\bsrc="[^"]*\/(index-[\w-]+\.js)"/;

/** Returns the name of the script that a page begins with. Vite puts a hash of all the code into it. */
export function buildOf(html: string): string | undefined {
  return ENTRY_SCRIPT.exec(html)?.[1];
}
