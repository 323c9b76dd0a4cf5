import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { createLogWriter, LOG_BACKLOG_MAX_BYTES } from '../../tcp-server/log-writer.ts';

test('room log keeps a limited number of bytes for a stalled reader, and counts missing lines', async () => {
  const output = new PassThrough();
  const write = createLogWriter(output);
  const lines = `${'x'.repeat(1023)}\n${'y'.repeat(1022)}`;
  let written = 0;
  for (; written < LOG_BACKLOG_MAX_BYTES * 4; written += lines.length + 1) write(lines);
  assert.ok(output.writableLength <= LOG_BACKLOG_MAX_BYTES + lines.length + 1);

  let read = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    read += text;
  });
  await new Promise((resolve) => output.write('', resolve));
  write('fin');
  const [, missing] =
    /Registro incompleto: faltan (\d+) líneas, porque no se leía\.\nfin\n$/.exec(read) ?? [];
  const complete = read.match(/^[xy]+$/gm)?.length ?? 0;
  assert.equal(complete + Number(missing), (written / (lines.length + 1)) * 2);
});
