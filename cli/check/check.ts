/**
 * A check: one fact about a chat server.
 */
import type { Outcome } from './outcome.ts';
import type { Scene } from './scene.ts';
import type { CheckId } from './texts/check-texts.ts';

export interface Check {
  id: CheckId;
  /** Points for grading. */
  weight: number;
  /** The lesson of the course that teaches it. */
  lesson: number;
  /** The clients that a server must serve: one, many at once, or many who hear each other. */
  needs: 'one' | 'many' | 'room';
  /**
   * safe: no known server dies of it. risky: it kills some servers. own: it stops the server, so it is run only on a
   * server that the command has started.
   */
  risk: 'safe' | 'risky' | 'own';
  /** Throws a CheckFailure, or returns the outcome. */
  run(scene: Scene): Promise<Outcome>;
}
