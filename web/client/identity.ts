import { isObject, isText } from '../../common/guards.ts';
import { isNickname } from '../text/nickname.ts';
import type { Effects, Store } from './effects.ts';

interface IdentityEffects extends Pick<Effects, 'newId'> {
  personStore: Store;
}

interface Person {
  /** Proves to the gateway that messages of several sessions come from one person. */
  secret: string;
  nickname: string;
}

/**
 * Keeps the person's secret and name for all tabs of this browser. Each tab has its own name after its first, so that
 * tabs do not change each other. Without storage the secret lasts as long as the page.
 */
export class Identity {
  readonly #effects: IdentityEffects;
  #fallback: Person;

  constructor(effects: IdentityEffects) {
    this.#effects = effects;
    this.#fallback = { secret: `${effects.newId()}${effects.newId()}`, nickname: '' };
  }

  /** The secret, which is created at its first use. Another tab may have created or cleared it. */
  get secret(): string {
    const { secret } = this.#stored ?? this.#save(this.#fallback);
    return secret;
  }

  /** The name that was used last in any tab. */
  get nickname(): string {
    return this.#stored?.nickname ?? '';
  }

  setNickname(nickname: string): void {
    this.#save({ secret: this.secret, nickname });
  }

  /** The next person at this device may be another one. */
  clear(): void {
    const { newId } = this.#effects;
    this.#save({ secret: `${newId()}${newId()}`, nickname: '' });
  }

  get #stored(): Person | undefined {
    try {
      const value: unknown = JSON.parse(this.#effects.personStore.read() ?? 'null');
      return isPerson(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }

  #save(person: Person): Person {
    this.#fallback = person;
    try {
      this.#effects.personStore.write(JSON.stringify(person));
    } catch {
      // Storage is refused or full: the person lasts as long as the page.
    }
    return person;
  }
}

function isPerson(value: unknown): value is Person {
  if (!isObject(value)) return false;
  const { secret, nickname } = value;
  return isText(secret) && isText(nickname) && (nickname === '' || isNickname(nickname));
}
