/**
 * A reporter of node:test that prints a line of JSON for each failed test, with its file and name. It is plain
 * JavaScript, because Node loads it without tsx.
 */
export default async function* failedTests(events) {
  for await (const { type, data } of events) {
    // A suite or a file fails with its tests, which are reported by themselves.
    if (type !== 'test:fail' || data.details?.error?.failureType === 'subtestsFailed') continue;
    yield `${JSON.stringify({ file: data.file, name: data.name })}\n`;
  }
}
