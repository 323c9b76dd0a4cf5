/**
 * The room's passphrase, as the page asks for it. The gateway gives a token for it: token.ts.
 *
 *     asked --give--> trying --+--> entered --settle, lock--> asked
 *                              +--> wrong | too-many | failed --give--> trying
 */
export type LoginState = 'asked' | 'trying' | 'entered' | Complaint;

/** What went wrong, as the person is told. */
export type Complaint = 'wrong' | 'too-many' | 'failed';

export interface LoginEffects {
  /** The status of the gateway's answer; rejects where there is none. */
  postCode(code: string): Promise<number>;
  entered(): void;
  changed(): void;
}

const WRONG = 401;
const TOO_MANY = 429;

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
    this.#turn('asked');
  }

  /** The gateway let us in. */
  settle(): void {
    this.#state = 'asked';
  }

  async submit(code: string): Promise<void> {
    if (this.#state === 'trying' || code === '') return;
    this.#turn('trying');
    const status = await this.#effects.postCode(code).catch(() => undefined);
    this.#turn(stateAfter(status));
    if (this.#state === 'entered') this.#effects.entered();
  }

  #turn(state: LoginState): void {
    this.#state = state;
    this.#effects.changed();
  }
}

function stateAfter(status: number | undefined): LoginState {
  if (status === WRONG) return 'wrong';
  if (status === TOO_MANY) return 'too-many';
  return status !== undefined && status < 300 ? 'entered' : 'failed';
}
