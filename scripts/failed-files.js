/** A reporter of node:test: the files in which a test failed, each once, a line each. Plain JavaScript, as Node loads it. */
export default async function* failedFiles(events) {
  const told = new Set();
  for await (const { type, data } of events) {
    if (type !== 'test:fail' || !data.file || told.has(data.file)) continue;
    told.add(data.file);
    yield `${data.file}\n`;
  }
}
