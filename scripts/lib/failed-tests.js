/**
 * A reporter of node:test: each test that failed, a line of JSON with its file and its name. Plain JavaScript, as Node
 * loads it.
 */
export default async function* failedTests(events) {
  for await (const { type, data } of events) {
    // A suite or a file fails with its tests: those are reported by themselves.
    if (type !== 'test:fail' || data.details?.error?.failureType === 'subtestsFailed') continue;
    yield `${JSON.stringify({ file: data.file, name: data.name })}\n`;
  }
}
