/** Lines of code in the text of a message, and their place with the marks around them. */
export interface CodeBlock {
  start: number;
  end: number;
  code: string;
}

/** Between triple backticks, with the name of a language after the first. */
const FENCED = /```(?:[\w+#-]*\n)?([\s\S]+?)\n?```/g;
const OPEN_FENCE = /^```[\w+#-]*\n/m;
const INDENTED = /^(?:\t| {2,})\S/;
/** A whole line between single backticks. */
const TICKED = /^`([^`]+)`$/;
/** The end of a line that an indented line continues. */
const OPENING = /[:{([,]$/;
/** Lines that look like code where they are beside an indented line. */
const CODE_LIKE =
  /[;{}()[\]]$|^[\w.]+\(|^[\w.[\]]+ [-+*/]?= |^(?:import|from|return|else|try|break|continue|pass)\b|^(?:#|\/\/|@)/;
const MAY_HOLD_CODE = /```|^(?:\t| {2,})\S|^`[^`\n]+`$/m;

/** Returns whether a text, with others of its speaker or alone, may hold a block of code. Costs little. */
export function mayHoldCode(text: string): boolean {
  return MAY_HOLD_CODE.test(text);
}

/** Finds text between triple backticks, and consecutive lines that are indented or between backticks. */
export function findCodeBlocks(text: string): CodeBlock[] {
  if (!mayHoldCode(text)) return [];
  const blocks: CodeBlock[][] = [];
  let end = 0;
  for (const { 0: whole, 1: code = '', index } of text.matchAll(FENCED)) {
    blocks.push(findLines(text, end, index));
    end = index + whole.length;
    blocks.push([{ start: index, end, code }]);
  }
  const open = OPEN_FENCE.exec(text.slice(end));
  const rest = open === null ? text.length : end + open.index;
  blocks.push(findLines(text, end, rest));
  const code = open === null ? '' : text.slice(rest + open[0].length);
  if (code.trim() !== '') blocks.push([{ start: rest, end: text.length, code }]);
  return blocks.flat();
}

/** Finds code without fences between two places of a text. */
function findLines(text: string, from: number, to: number): CodeBlock[] {
  const lines = text.slice(from, to).split('\n');
  const blocks: CodeBlock[] = [];
  let start = from;
  for (let first = 0; first < lines.length; ) {
    const end = endOfGroup(lines, first);
    const group = lines.slice(first, Math.max(end, first + 1));
    const length = group.reduce((sum, line) => sum + line.length + 1, 0);
    if (isBlock(group)) {
      const code = group.map((line) => TICKED.exec(line)?.[1] ?? line).join('\n');
      blocks.push({ start, end: start + length - 1, code });
    }
    start += length;
    first += group.length;
  }
  return blocks;
}

/** Returns the end of the lines from `first` on that are of one kind of code; `first` if there are none. */
function endOfGroup(lines: readonly string[], first: number): number {
  const isTicked = TICKED.test(lines[first] ?? '');
  const belongs = (index: number) => (isTicked ? TICKED.test(lines[index] ?? '') : isCode(lines, index));
  let end = first;
  while (end < lines.length && (belongs(end) || (end > first && lines[end] === '' && belongs(end + 1))))
    end++;
  return end;
}

function isCode(lines: readonly string[], index: number): boolean {
  const [line = '', next = ''] = lines.slice(index, index + 2);
  return INDENTED.test(line) || CODE_LIKE.test(line) || (OPENING.test(line) && INDENTED.test(next));
}

function isBlock(group: readonly string[]): boolean {
  return group.length > 1 && group.some((line) => INDENTED.test(line) || TICKED.test(line));
}
