/**
 * The room's passphrase, as the page asks for it. The gateway gives a token for it: token.ts.
 *
 *     asked --give--> trying --+--> entered --settle, lock--> asked
 *                              +--> wrong | too-many | failed --give--> trying
 */
export type LoginState = 'asked' | 'trying' | 'entered' | LoginError;

/** What went wrong, as the person is told. */
export type LoginError = 'wrong' | 'too-many' | 'failed';

export interface LoginEffects {
  /** The status of the gateway's answer; rejects where there is none. */
  postCode(code: string): Promise<number>;
  onEntered(): void;
  changed(): void;
}

const WRONG_CODE_STATUS = 401;
const RATE_LIMITED_STATUS = 429;

export class Login {
  readonly #effects: LoginEffects;
  #state: LoginState = 'asked';

  constructor(effects: LoginEffects) {
    this.#effects = effects;
  }

  get state(): LoginState {
    return this.#state;
  }

  /** The gateway wants the code. */
  requireCode(): void {
    this.#setState('asked');
  }

  /** The gateway let us in. */
  onAdmitted(): void {
    this.#state = 'asked';
  }

  async submit(code: string): Promise<void> {
    if (this.#state === 'trying' || code === '') return;
    this.#setState('trying');
    const status = await this.#effects.postCode(code).catch(() => undefined);
    this.#setState(stateAfter(status));
    if (this.#state === 'entered') this.#effects.onEntered();
  }

  #setState(state: LoginState): void {
    this.#state = state;
    this.#effects.changed();
  }
}

function stateAfter(status: number | undefined): LoginState {
  if (status === WRONG_CODE_STATUS) return 'wrong';
  if (status === RATE_LIMITED_STATUS) return 'too-many';
  return status !== undefined && status < 300 ? 'entered' : 'failed';
}
