/** Terminals say things meant for terminals: colours, bells, cursor movements. They are not words. */
const ESCAPE_SEQUENCES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g;
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
/** They turn the rest of a line around. Browsers may not send them; terminals may. */
const BIDI_OVERRIDES = /[\u202a-\u202e]/g;

/** The words of a wire text: without escape sequences and controls, and without the newline that ends it. */
export function stripControls(text: string): string {
  const line = text
    .replace(/\r\n?/g, '\n')
    .replace(ESCAPE_SEQUENCES, '')
    .replace(CONTROLS, '')
    .replace(BIDI_OVERRIDES, '');
  return withoutLineEnds(line);
}

/** A regular expression would try again at each line end of a run in the middle. */
function withoutLineEnds(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n') end--;
  return text.slice(0, end);
}

const encoder = new TextEncoder();

export function utf8Bytes(text: string): number {
  return encoder.encode(text).length;
}
