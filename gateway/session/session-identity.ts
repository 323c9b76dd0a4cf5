/** Gives a session its ids: a secret one, and one that everybody in the room knows. */
import { createHash, randomUUID } from 'node:crypto';

/** The person of a session. A session of another gateway that is gone continues with its ids and nickname. */
export interface SessionIdentity {
  id?: string | undefined;
  publicId?: string | undefined;
  nickname?: string | undefined;
  /** Secret of a person's browser, from which the public id follows. */
  person?: string | undefined;
}

/** Characters of a hash in base64: nobody finds another secret with the same hash. */
const PUBLIC_ID_CHARACTERS = 16;

export function publicIdOf({ publicId, person }: SessionIdentity): string {
  return publicId ?? (person === undefined ? randomUUID().slice(0, 8) : hashOf(person));
}

/** Derives the public id from the secret, so that no other client can have it. */
function hashOf(person: string): string {
  return createHash('sha256').update(person).digest('base64url').slice(0, PUBLIC_ID_CHARACTERS);
}
