import { parts } from '../parts/parts.ts';
import { t } from '../ui/i18n.ts';
import type { Completion, Suggestion } from './completion.ts';
import type { ComposerEffects } from './create-completion.ts';
import type { EmojiTable } from './emoji-search.ts';

/** What a command, a name or an emoji begins with. */
const SIGNS = /[/@:]/;

/** A completion that is loaded when it is first needed: most messages need none. */
export class LazyCompletion {
  readonly #effects: Omit<ComposerEffects, 'loadEmoji'>;
  #completion: Completion | undefined;
  #loading: Promise<void> | undefined;

  constructor(effects: Omit<ComposerEffects, 'loadEmoji'>) {
    this.#effects = effects;
  }

  get suggestions(): readonly Suggestion[] {
    return this.#completion?.suggestions ?? [];
  }

  get selected(): number {
    return this.#completion?.selected ?? 0;
  }

  handleKey(key: string): boolean {
    return this.#completion?.handleKey(key) ?? false;
  }

  choose(index: number): void {
    this.#completion?.choose(index);
  }

  close(): void {
    this.#completion?.close();
  }

  /** At the text as it is once there is something to look with. */
  async update(area: HTMLTextAreaElement, isTyped: boolean): Promise<void> {
    if (this.#loading === undefined && !SIGNS.test(area.value)) return;
    this.#loading ??= this.#load();
    await this.#loading;
    this.#completion?.update(area.value, area.selectionStart, isTyped);
  }

  /** Without it words are written as ever, and the next sign asks again. */
  async #load(): Promise<void> {
    try {
      const { createCompletion } = await parts.load('completion');
      this.#completion = createCompletion({ ...this.#effects, loadEmoji });
    } catch {
      this.#loading = undefined;
    }
  }
}

async function loadEmoji(): Promise<EmojiTable> {
  return (await parts.load(`emoji-${t.code}`)).default;
}
