/**
 * The room's passphrase, as the page asks for it. The gateway gives a token for it: token.ts.
 *
 *     asked --give--> trying --+--> entered --settle, lock--> asked
 *                              +--> wrong | too-many | failed --give--> trying
 */
export type AccessState = 'asked' | 'trying' | 'entered' | Complaint;

/** What went wrong, as the person is told. */
export type Complaint = 'wrong' | 'too-many' | 'failed';

export interface AccessEffects {
  /** The status of the gateway's answer; rejects where there is none. */
  giveCode(code: string): Promise<number>;
  entered(): void;
  changed(): void;
}

const WRONG = 401;
const TOO_MANY = 429;

export class Access {
  readonly #effects: AccessEffects;
  #state: AccessState = 'asked';

  constructor(effects: AccessEffects) {
    this.#effects = effects;
  }

  get state(): AccessState {
    return this.#state;
  }

  /** The gateway wants the code. */
  lock(): void {
    this.#turn('asked');
  }

  /** The gateway let us in. */
  settle(): void {
    this.#state = 'asked';
  }

  async give(code: string): Promise<void> {
    if (this.#state === 'trying' || code === '') return;
    this.#turn('trying');
    const status = await this.#effects.giveCode(code).catch(() => undefined);
    this.#turn(stateAfter(status));
    if (this.#state === 'entered') this.#effects.entered();
  }

  #turn(state: AccessState): void {
    this.#state = state;
    this.#effects.changed();
  }
}

function stateAfter(status: number | undefined): AccessState {
  if (status === WRONG) return 'wrong';
  if (status === TOO_MANY) return 'too-many';
  return status !== undefined && status < 300 ? 'entered' : 'failed';
}
