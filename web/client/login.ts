import type { Effects } from './effects.ts';

/**
 * State of the login form. The gateway gives a token for the passphrase (token.ts).
 *
 *     asked --submit--> trying --+--> entered --onAdmitted, requireCode--> asked
 *                                +--> wrong | too-many | failed --submit--> trying
 */
export type LoginState = 'asked' | 'trying' | 'entered' | LoginError;

export type LoginError = 'wrong' | 'too-many' | 'failed';

interface LoginEffects extends Pick<Effects, 'postCode' | 'changed'> {
  onEntered(): void;
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

  /** The gateway requires the passphrase. */
  requireCode(): void {
    this.#setState('asked');
  }

  /** The gateway accepted the token. */
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
