/**
 * Compares the answers of the tutorial's server and of ours to the same messages, byte by byte.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mode } from '../../tcp-server/relay.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { pythonRoom, withoutPython } from '../helpers/python.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';
import { openRoom, pythonAddress } from './chat-server-fixture.ts';

const MESSAGES = [
  'hola',
  'hola\n',
  // It may not follow a CR alone, because our server treats it as the rest of a CR LF.
  '\n',
  'hola\r\n',
  'hola\r',
  ' ',
  '\tcon\ttabuladores\n',
  'ñandú, ¿qué tal? ¡Adiós!\n',
  '日本語 العربية עברית\n',
  '🎉👩‍👩‍👧‍👧🇪🇸\n',
  '127.0.0.1:4000 dice: no soy yo',
  ' dice: \n',
  '\ufeffcon marca\n',
  'salir\n',
  '%s %d {} \\n $HOME\n',
  'x'.repeat(1024),
  'x'.repeat(1025),
  'ñ'.repeat(512),
  `${'ñ'.repeat(511)}x\n`,
  'x'.repeat(3000),
  `${'x'.repeat(1023)}\n`,
];

/** Returns the answer to each message: in a broadcast room to a second client, else to the sender. */
async function collectAnswers(t: Cleanup, port: number, mode: Mode): Promise<string[]> {
  const ana = await enter(t, port);
  const reader = mode === 'broadcast' ? await enterAfter(t, ana, port) : ana;
  const answers: string[] = [];
  for (const message of MESSAGES) {
    const before = reader.bytes.length;
    ana.send(message);
    const chunks = Math.ceil(Buffer.byteLength(message) / 1024);
    await reader.receivesBytes(before + Buffer.byteLength(message) + chunks * prefixBytes(mode, ana));
    answers.push(reader.bytes.subarray(before).toString().replaceAll(ana.address, 'IP:PORT'));
  }
  await ana.leave();
  return answers;
}

/** The room has accepted the second client when that receives a message of the first. */
async function enterAfter(t: Cleanup, first: TcpClient, port: number): Promise<TcpClient> {
  const second = await enter(t, port);
  const hasReceived = async () => {
    first.send('?');
    await new Promise((resolve) => setTimeout(resolve, 20));
    return second.received.endsWith('?');
  };
  await eventually(hasReceived, () => 'the second client did not get in');
  first.send('!');
  await second.receives('!');
  return second;
}

function prefixBytes(mode: Mode, { address }: TcpClient): number {
  const prefixes = {
    broadcast: `${address} dice: `,
    echo: 'Eco del servidor: ',
    ack: 'Mensaje recibido por el servidor (hilo): ',
  };
  return Buffer.byteLength(prefixes[mode]);
}

for (const mode of ['broadcast', 'echo', 'ack'] as const) {
  test(`room in mode ${mode} answers every single line as Python's`, { skip: withoutPython }, async (t) => {
    const ours = await openRoom(t, { mode });
    const python = await pythonRoom(t, mode);
    assert.deepEqual(await collectAnswers(t, ours.port, mode), await collectAnswers(t, python.port, mode));
  });
}

test("Python's room stops at a reset, which our room does not", { skip: withoutPython }, async (t) => {
  const python = await pythonRoom(t);
  const people = [await enter(t, python.port), await enter(t, python.port), await enter(t, python.port)];
  const [ana, luis, eva] = people as [TcpClient, TcpClient, TcpClient];
  for (const client of people)
    await python.program.prints(`Conexión establecida con ${pythonAddress(client)}`);

  luis.reset();
  await eventually(
    () => python.program.errors.includes('ConnectionResetError'),
    () => 'Python took no notice of the reset',
  );
  ana.send('uno\n');
  await python.program.prints(`Recibido de ${pythonAddress(ana)}: uno`);
  eva.send('dos\n');
  await python.program.prints(`Recibido de ${pythonAddress(eva)}: dos`);
  ana.send('tres\n');
  // Our room would have relayed it long ago.
  await assert.rejects(ana.receives('dos', 300));
});
