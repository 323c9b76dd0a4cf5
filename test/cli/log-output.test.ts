import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readableLine, terminalOutput } from '../../cli/log-output.ts';
import { TEXTS } from '../../cli/texts.ts';

const TIME = new Date(2026, 0, 2, 9, 5).getTime();

function entry(fields: object): string {
  return JSON.stringify({ level: 30, time: TIME, pid: 1, ...fields });
}

test('text log has a readable line for a browser that joins and leaves', () => {
  const peer = { peer: '192.168.1.7:5000' };
  assert.equal(readableLine(entry({ ...peer, msg: 'joined' }), TEXTS.en), '09:05  192.168.1.7:5000 joined');
  assert.equal(readableLine(entry({ ...peer, msg: 'left' }), TEXTS.es), '09:05  192.168.1.7:5000 ha salido');
});

test('text log has warnings and errors of the gateway, and leaves out other lines', () => {
  assert.equal(readableLine(entry({ level: 40, msg: 'flood' }), TEXTS.en), '09:05  flood');
  assert.equal(readableLine(entry({ msg: 'Server listening' }), TEXTS.en), undefined);
});

test('text log shows a line that is no JSON as it is', () => {
  assert.equal(readableLine('(node) warning', TEXTS.en), '(node) warning');
});

test('text log reports terminals that join and leave, and no connections of a gateway', () => {
  const written: string[] = [];
  const read = terminalOutput(TEXTS.es, (text) => written.push(text.replace(/^\d\d:\d\d/, 'HH:MM')));
  read(
    "Conexión establecida con ('10.0.0.7', 4000)\nConexión establecida con ('10.0.0.8', 5000) por una pasa",
  );
  read("rela\nRecibido de ('10.0.0.7', 4000): Conexión establecida con ('10.0.0.9', 1)\n");
  read("Conexión establecida con ('::1', 4000, 0, 0)\nConexión cerrada por ('10.0.0.8', 5000)\n");
  read("Conexión cerrada con ('10.0.0.7', 4000): no lee, 9 bytes en espera\n");
  assert.deepEqual(written, [
    'HH:MM  10.0.0.7:4000 ha entrado desde una terminal\n',
    'HH:MM  [::1]:4000 ha entrado desde una terminal\n',
    'HH:MM  10.0.0.7:4000 ha salido\n',
  ]);
});
