/**
 * The same words to the tutorial's server and to ours: the same bytes come back.
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
  // Not after a CR alone: there it is the rest of a CR LF, to ours.
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

/** What every message brings: in a broadcast room to a second client, else back to the speaker. */
async function answers(t: Cleanup, port: number, mode: Mode): Promise<string[]> {
  const ana = await enter(t, port);
  const hearer = mode === 'broadcast' ? await enterAfter(t, ana, port) : ana;
  const heard: string[] = [];
  for (const message of MESSAGES) {
    const before = hearer.bytes.length;
    ana.send(message);
    const pieces = Math.ceil(Buffer.byteLength(message) / 1024);
    await hearer.receivesBytes(before + Buffer.byteLength(message) + pieces * prefixBytes(mode, ana));
    heard.push(hearer.bytes.subarray(before).toString().replaceAll(ana.address, 'IP:PORT'));
  }
  await ana.leave();
  return heard;
}

/** The second client is in when it hears the first, which here may say what it likes: nothing has been compared yet. */
async function enterAfter(t: Cleanup, first: TcpClient, port: number): Promise<TcpClient> {
  const second = await enter(t, port);
  const heard = async () => {
    first.send('?');
    await new Promise((resolve) => setTimeout(resolve, 20));
    return second.received.endsWith('?');
  };
  await eventually(heard, () => 'the second client did not get in');
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
  test(`mode ${mode} answers every single line as Python's`, { skip: withoutPython }, async (t) => {
    const ours = await openRoom(t, { mode });
    const python = await pythonRoom(t, mode);
    assert.deepEqual(await answers(t, ours.port, mode), await answers(t, python.port, mode));
  });
}

test("Python's room has the traps that ours has not", { skip: withoutPython }, async (t) => {
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
  // Ours would have passed it on long ago.
  await assert.rejects(ana.receives('dos', 300));
});
