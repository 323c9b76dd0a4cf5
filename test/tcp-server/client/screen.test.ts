/**
 * Shows the terminal client as a person sees it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cleanup, eventually } from '../../helpers/eventually.ts';
import { without } from '../../helpers/process.ts';
import { bareServer, type TcpClient } from '../../helpers/tcp.ts';
import { openRoom, type TestRoom } from '../chat-server-fixture.ts';
import { openTerminal, type TmuxTerminal, withoutTmux } from './tmux-terminal.ts';

const skip = withoutTmux;
const PROMPT = 'Escribe tu mensaje: ';

interface Scene {
  room: TestRoom;
  ana: TcpClient;
  terminal: TmuxTerminal;
}

/** Ana in the room, and a person at a terminal. */
async function open(t: Cleanup, columns?: number, rows?: number): Promise<Scene> {
  const room = await openRoom(t);
  const ana = await room.enter();
  const command = `${process.execPath} dist/tcp-server/client/main.js 127.0.0.1:${room.port}`;
  const terminal = await openTerminal(t, command, columns, rows);
  await terminal.shows(`Conectado al servidor.\n${PROMPT.trim()}`);
  await eventually(
    () => room.log.length === 2,
    () => 'the room has not taken the client in',
  );
  return { room, ana, terminal };
}

async function isSeen(terminal: TmuxTerminal, ...rows: string[]): Promise<void> {
  const expected = rows.join('\n');
  await eventually(
    () => terminal.screen === expected,
    () => `the screen is\n${terminal.screen}\n\nand not\n${expected}\n`,
  );
}

test('terminal screen sends the typed line when Enter is pressed', { skip }, async (t) => {
  const { ana, terminal } = await open(t);
  terminal.types('¡hola, ñandú!');
  await isSeen(terminal, 'Conectado al servidor.', `${PROMPT}¡hola, ñandú!`);
  assert.equal(ana.received, '');
  terminal.presses('Enter');
  await ana.receives(' dice: ¡hola, ñandú!\n');
  await isSeen(terminal, 'Conectado al servidor.', `${PROMPT}¡hola, ñandú!`, PROMPT.trim());
});

test('terminal screen keeps the typed line and the cursor while messages arrive', { skip }, async (t) => {
  const { ana, terminal } = await open(t);
  terminal.types('esto es lo que digo');
  await terminal.shows('lo que digo');
  terminal.presses('Left', 'Left', 'Left', 'Left');
  await eventually(
    () => terminal.cursor === '35,1',
    () => terminal.cursor,
  );
  ana.send('uno\n');
  ana.send('dos\ntres\n');
  await isSeen(
    terminal,
    'Conectado al servidor.',
    `${ana.address} dice: uno`,
    `${ana.address} dice: dos`,
    `${ana.address} dice: tres`,
    `${PROMPT}esto es lo que digo`,
  );
  assert.equal(terminal.cursor, '35,4');
  terminal.types('no ');
  terminal.presses('Enter');
  await ana.receives(' dice: esto es lo que no digo\n');
});

test('terminal screen keeps a typed line of several rows with wide characters', { skip }, async (t) => {
  const { ana, terminal } = await open(t, 40);
  const typed = `日本語 ${'largo '.repeat(15)}fin`;
  const rows = [
    `${PROMPT}日本語 largo largo l`,
    'argo largo largo largo largo largo largo',
    ' largo largo largo largo largo largo fin',
  ];
  terminal.types(typed);
  await isSeen(terminal, 'Conectado al servidor.', ...rows);
  const header = `${ana.address} dice: `;
  ana.send('uno\n');
  await isSeen(terminal, 'Conectado al servidor.', `${header}uno`, ...rows);
  ana.send('dos\n');
  await isSeen(terminal, 'Conectado al servidor.', `${header}uno`, `${header}dos`, ...rows);
  terminal.presses('Enter');
  await ana.receives(` dice: ${typed}\n`);
});

test('terminal screen keeps the typed line at the bottom of a full screen', { skip }, async (t) => {
  const { ana, terminal } = await open(t, 40, 6);
  const typed = 'algo que no cabe en una sola fila de la pantalla';
  terminal.types(typed);
  for (let n = 0; n < 20; n++) ana.send(`${n}\n`);
  const header = `${ana.address} dice: `;
  const rows = `${PROMPT}${typed}`.match(/.{1,40}/g)?.map((row) => row.trimEnd()) ?? [];
  await isSeen(terminal, ...[16, 17, 18, 19].map((n) => `${header}${n}`), ...rows);
});

test('terminal screen shows a message without a newline at once, and the next in a new row', {
  skip,
}, async (t) => {
  const { ana, terminal } = await open(t);
  terminal.types('yo');
  ana.send('hola');
  await isSeen(terminal, 'Conectado al servidor.', `${ana.address} dice: hola`, `${PROMPT}yo`);
  ana.send('adiós');
  const said = [`${ana.address} dice: hola`, `${ana.address} dice: adiós`];
  await isSeen(terminal, 'Conectado al servidor.', ...said, `${PROMPT}yo`);
});

test('terminal screen shows a line cut inside a character in one row', { skip }, async (t) => {
  const server = await bareServer(t);
  const command = `${process.execPath} dist/tcp-server/client/main.js :${server.port}`;
  const [terminal, socket] = await Promise.all([openTerminal(t, command), server.accepts()]);
  await terminal.shows(PROMPT.trim());
  terminal.types('yo');

  const [first, rest] = [Buffer.from('años y ñ').subarray(0, -1), Buffer.from('ñ').subarray(1)];
  socket.write(first);
  await isSeen(terminal, 'Conectado al servidor.', 'años y', `${PROMPT}yo`);
  socket.write(rest);
  await isSeen(terminal, 'Conectado al servidor.', 'años y ñ', `${PROMPT}yo`);
  socket.write(' y más\n');
  socket.write('otra');
  await isSeen(terminal, 'Conectado al servidor.', 'años y ñ y más', 'otra', `${PROMPT}yo`);
});

test('terminal screen ignores escape sequences and carriage returns of others', { skip }, async (t) => {
  const server = await bareServer(t);
  const command = `${process.execPath} dist/tcp-server/client/main.js :${server.port}`;
  const [terminal, socket] = await Promise.all([openTerminal(t, command), server.accepts()]);
  await terminal.shows(PROMPT.trim());
  socket.write('a\x1b[2Jb\x1b]0;c\x07\rd\r\ne\n');
  await isSeen(terminal, 'Conectado al servidor.', 'a[2Jb]0;c', 'd', 'e', PROMPT.trim());
});

for (const [name, leave] of [
  ['salir', (terminal: TmuxTerminal) => terminal.presses('S', 'a', 'L', 'i', 'R', 'Enter')],
  ['Ctrl-D', (terminal: TmuxTerminal) => terminal.presses('C-d')],
  ['Ctrl-C', (terminal: TmuxTerminal) => terminal.presses('h', 'o', 'l', 'a', 'C-c')],
] as const) {
  test(`terminal screen leaves at ${name} with exit code 0 and sends nothing`, { skip }, async (t) => {
    const { room, ana, terminal } = await open(t);
    leave(terminal);
    await terminal.shows('\nCerrando conexión del cliente.\nexit code 0');
    await eventually(
      () => room.log.at(-1)?.startsWith('Conexión cerrada por'),
      () => `${room.log}`,
    );
    assert.equal(ana.received, '');
  });
}

test('terminal screen reports above the typed line that the room closed', { skip }, async (t) => {
  const { room, terminal } = await open(t);
  terminal.types('a medias');
  await terminal.shows('a medias');
  await room.room.close();
  const told = ['Conexión con el servidor cerrada.', `${PROMPT}a medias`, 'Cerrando conexión del cliente.'];
  await isSeen(terminal, 'Conectado al servidor.', ...told, 'exit code 1');
});

test('telnet and the terminal client exchange messages, also after Ctrl-C in telnet', {
  skip: withoutTmux || without('telnet'),
}, async (t) => {
  const { room, ana, terminal } = await open(t);
  const telnet = await openTerminal(t, `telnet 127.0.0.1 ${room.port}`);
  await telnet.shows('Escape character');
  telnet.types('hola desde telnet');
  telnet.presses('Enter');
  await terminal.shows(' dice: hola desde telnet\n');
  telnet.presses('C-c');
  telnet.types('¿qué tal?');
  telnet.presses('Enter');
  await ana.receives(' dice: ¿qué tal?\r\n');
  assert.ok(!ana.received.includes('\ufffd'));
  ana.send('bien\n');
  await telnet.shows(`${ana.address} dice: bien`);
});
