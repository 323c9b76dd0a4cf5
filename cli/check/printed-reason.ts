/**
 * Finds in the error output of a server the lines that lead to its fault.
 */

/** Lines of the error output in a report. A Python traceback ends with file, code and reason. */
const PRINTED_LINES = 3;
/** A line of a stack trace in Java and Node. These traces stand below their reason. */
const FRAME = /^\s+at /;
const REASON = /(?:Error|Exception)\b/;
/** Frames in the library of the language, where no student looks for a fault. */
const LIBRARY_FRAME = /\(?\b(?:node:|java\.base\/)/;

export function printedReason(output: string): string[] {
  // Python marks the place in a line of code with a line of ^ and ~.
  const lines = output.split('\n').filter((line) => /[^\s^~]/.test(line));
  const at = lines.findLastIndex(
    (line, index) => REASON.test(line) && !FRAME.test(line) && FRAME.test(lines[index + 1] ?? ''),
  );
  if (at < 0) return lines.slice(-PRINTED_LINES);
  const below = lines.slice(at + 1);
  const end = below.findIndex((line) => !FRAME.test(line));
  const frames = end < 0 ? below : below.slice(0, end);
  const own = frames.filter((line) => !LIBRARY_FRAME.test(line));
  return [lines[at] ?? '', ...(own.length > 0 ? own : frames).slice(0, PRINTED_LINES - 1)];
}
