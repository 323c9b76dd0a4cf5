/**
 * An error in the flags, the environment or the file, which ends the command with exit code 2 and one line.
 */
export class UsageError extends Error {
  /** The nearest right name or value. */
  readonly suggestion: string | undefined;

  constructor(message: string, suggestion?: string) {
    super(message);
    this.suggestion = suggestion;
  }
}
