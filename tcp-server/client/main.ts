/**
 * The terminal client: what you type goes to the room, what the room says comes up.
 *
 *     npm run client                      # 127.0.0.1:12345
 *     npm run client 192.168.1.20:12345
 *     npm run client 192.168.1.20 12345   # as nc takes it
 *     echo hola | npm run -s client
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { splitUtf8 } from '../../common/utf8.ts';
import { WIRE_MAX_BYTES } from '../wire.ts';
import { openScreen, type Screen } from './screen.ts';
import { parseTarget, type Target } from './target.ts';

/** Milliseconds to wait for the server to take the call. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Milliseconds without a word from a server that should be saying goodbye. */
const LEAVE_TIMEOUT_MS = 5000;

/**
 * Milliseconds after a write, at least and for every byte. Python's server takes up to 1024 bytes at once,
 * whatever was written, and dies of a character that ends up cut there. Nothing tells when it has taken
 * ours: so we give it time, 100 ms for 1024 bytes, which is more than a busy machine makes it late.
 */
const WRITE_PAUSE_MS = 20;
const WRITE_PAUSE_MS_PER_BYTE = 0.1;

const words = process.argv.slice(2);
const target = parseTarget(words);
if (target === undefined) {
  console.error(
    `Dirección no válida: ${words.join(' ')}. Ejemplos: 192.168.1.20, 192.168.1.20:12345, 192.168.1.20 12345, [::1]:12345`,
  );
  process.exitCode = 2;
} else {
  connectTo(target);
}

function connectTo(target: Target): void {
  const socket = connect({ ...target, noDelay: true });
  const giveUp = () => {
    console.error('No se pudo conectar al servidor. Asegúrate de que el servidor esté en ejecución.');
    process.exitCode = 1;
    socket.destroy();
  };
  socket.once('error', giveUp);
  socket.setTimeout(CONNECT_TIMEOUT_MS, giveUp);
  socket.once('connect', () => {
    socket.off('error', giveUp);
    socket.off('timeout', giveUp);
    socket.setTimeout(0);
    void runSession(socket, openScreen(process.stdin, process.stdout, process.stderr));
  });
}

/**
 *     talking --salir, Ctrl-C, Ctrl-D, end of input--> leaving --the server's FIN--> closed, exit code 0
 *        +------------------the connection is lost---------------------------------> closed, exit code 1
 *
 * We leave with a FIN and read on until the server's. To vanish with words unread would be a reset,
 * which stops Python's server for everybody.
 */
async function runSession(socket: Socket, screen: Screen): Promise<void> {
  let state: 'talking' | 'leaving' = 'talking';
  let lost: string | undefined;
  const decoder = new TextDecoder();

  const leave = () => {
    if (state === 'leaving') return;
    state = 'leaving';
    screen.close();
    socket.end();
    socket.setTimeout(LEAVE_TIMEOUT_MS, () => socket.destroy());
  };

  socket.on('data', (chunk) => screen.show(decoder.decode(chunk, { stream: true })));
  socket.on('end', () => {
    screen.show(decoder.decode());
    if (state === 'talking') lost = 'Conexión con el servidor cerrada.';
  });
  socket.on('error', () => {
    lost = 'El servidor cerró la conexión inesperadamente.';
  });
  socket.on('close', () => {
    if (lost) {
      screen.note(lost);
      process.exitCode = 1;
    }
    screen.close();
    screen.note('Cerrando conexión del cliente.');
  });
  process.on('SIGINT', leave);
  process.on('SIGTERM', leave);
  process.stdout.on('error', leave); // `npm run client | head`: nobody listens any more

  screen.note('Conectado al servidor.');
  for await (const line of screen.lines()) {
    await say(socket, line);
    if (socket.writableEnded) break;
  }
  leave();
}

/** An empty line says nothing, as in client.py. */
async function say(socket: Socket, line: string): Promise<void> {
  if (line === '') return;
  for (const piece of splitUtf8(`${line}\n`, WIRE_MAX_BYTES)) {
    if (!socket.writable) return;
    socket.write(piece);
    await sleep(Math.max(WRITE_PAUSE_MS, Buffer.byteLength(piece) * WRITE_PAUSE_MS_PER_BYTE));
  }
}
