/**
 * CONTRACT: the characters that no message may contain, and the rule of each program. Imports nothing.
 *
 *     room              stripControls     keeps line ends, because each line gets a header of its own
 *     terminal client   toTerminalText    shows no character that moves the cursor or reorders a line
 *     gateway           toSingleLine      makes one line of a browser's message
 *     page              toPageText        shows a message without the escape sequences that terminals send
 */

/**
 * C0 but TAB, LF and CR; DEL; C1. A terminal moves the cursor, for example over another client's header.
 * Bidirectional embeddings and overrides reorder the rest of a row, headers included. Isolates and marks stay, because
 * scripts need them.
 */
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]/g;

/** An isolate without its end reaches over the next header, where a message ends no line. */
const ISOLATES = /[\u2066-\u2069]/g;

/** The characters that terminals and text editors treat as the end of a line. */
const LINE_ENDS = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/g;

/** Colors, cursor movements and titles, each as a whole. Without ESC their rest would show as text. */
const ESCAPE_SEQUENCES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g;

/** Removes all controls but TAB, LF and CR. */
export function stripControls(text: string): string {
  return text.replace(CONTROLS, '');
}

/** Removes isolates too. */
export function toTerminalText(text: string): string {
  return stripControls(text).replace(ISOLATES, '');
}

/** Replaces each line end with a space, and removes the other controls but TAB. */
export function toSingleLine(text: string): string {
  return stripControls(text.replace(LINE_ENDS, ' '));
}

/** Removes escape sequences, all controls but TAB and LF, and the line ends at the end. */
export function toPageText(text: string): string {
  return trimLineEnds(stripControls(text.replace(/\r\n?/g, '\n').replace(ESCAPE_SEQUENCES, '')));
}

/** A regular expression would try again at each line end of a run in the middle. */
function trimLineEnds(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n') end--;
  return text.slice(0, end);
}
