import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printedReason } from '../../../cli/check/printed-reason.ts';

test('printedReason keeps file, code and reason of a Python traceback', () => {
  const traceback = `Traceback (most recent call last):
  File "/usr/lib/python3.12/threading.py", line 1010, in run
    self._target(*self._args, **self._kwargs)
  File "/home/ana/server.py", line 25, in serve
    text = data.decode()
           ^^^^^^^^^^^^^
UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte
`;
  assert.deepEqual(printedReason(traceback), [
    '  File "/home/ana/server.py", line 25, in serve',
    '    text = data.decode()',
    "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
  ]);
});

test('printedReason keeps the reason and the own frames of a Java stack trace', () => {
  const trace = `Exception in thread "Thread-2" java.lang.NullPointerException: line is null
	at java.base/java.util.Objects.requireNonNull(Objects.java:233)
	at Server.broadcast(Server.java:31)
	at Server.serve(Server.java:22)
	at java.base/java.lang.Thread.run(Thread.java:1583)
`;
  assert.deepEqual(printedReason(trace), [
    'Exception in thread "Thread-2" java.lang.NullPointerException: line is null',
    '\tat Server.broadcast(Server.java:31)',
    '\tat Server.serve(Server.java:22)',
  ]);
});

test('printedReason keeps the reason of an error that ends a Node program', () => {
  const trace = `node:events:497
      throw er; // Unhandled 'error' event
      ^

Error: read ECONNRESET
    at TCP.onStreamRead (node:internal/stream_base_commons:216:20)
Emitted 'error' event on Socket instance at:
    at emitErrorNT (node:internal/streams/destroy:170:8)
    at process.processTicksAndRejections (node:internal/process/task_queues:82:21) {
  errno: -104,
  code: 'ECONNRESET',
  syscall: 'read'
}

Node.js v20.20.0
`;
  assert.deepEqual(printedReason(trace), [
    'Error: read ECONNRESET',
    '    at TCP.onStreamRead (node:internal/stream_base_commons:216:20)',
  ]);
});

test('printedReason keeps the last lines of any other output', () => {
  assert.deepEqual(printedReason('one\n\ntwo\nthree\nfour\n'), ['two', 'three', 'four']);
});
