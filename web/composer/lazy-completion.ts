import { parts } from '../parts/parts.ts';
import { t } from '../ui/i18n.ts';
import type { Completion, Suggestion } from './completion.ts';
import type { ComposerEffects } from './create-completion.ts';
import type { EmojiTable } from './emoji-search.ts';

/** Signs that begin a command, a mention or an emoji. */
const SIGNS = /[/@:]/;

/** Loads the completion when it is first needed, because most messages need none. */
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

  /** Updates with the text at the time when the code is loaded. */
  async update(area: HTMLTextAreaElement, isTyped: boolean): Promise<void> {
    if (this.#loading === undefined && !SIGNS.test(area.value)) return;
    this.#loading ??= this.#load();
    await this.#loading;
    this.#completion?.update(area.value, area.selectionStart, isTyped);
  }

  /** A failed load is retried at the next sign. */
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
