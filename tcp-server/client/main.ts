/**
 * The terminal client: sends the lines that you type, and shows the messages of the room.
 *
 *     npm run client                      # 127.0.0.1:12345
 *     npm run client 192.168.1.20:12345
 *     npm run client 192.168.1.20 12345   # as nc takes it
 *     echo hola | npm run -s client
 */
import { connect, type Socket } from 'node:net';
import { openScreen, type Screen } from './screen.ts';
import { sendLine } from './send-line.ts';
import { parseTarget, type Target } from './target.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/** How long the server may be silent before its FIN, once this client has sent its own. */
const LEAVE_TIMEOUT_MS = 5000;

const args = process.argv.slice(2);
const target = parseTarget(args);
if (target === undefined) {
  console.error(
    `Dirección no válida: ${args.join(' ')}. Ejemplos: 192.168.1.20, 192.168.1.20:12345, 192.168.1.20 12345, [::1]:12345`,
  );
  process.exitCode = 2;
} else {
  connectTo(target);
}

function connectTo(target: Target): void {
  const socket = connect({ ...target, noDelay: true });
  const fail = () => {
    console.error('No se pudo conectar al servidor. Asegúrate de que el servidor esté en ejecución.');
    process.exitCode = 1;
    socket.destroy();
  };
  socket.once('error', fail);
  socket.setTimeout(CONNECT_TIMEOUT_MS, fail);
  socket.once('connect', () => {
    socket.off('error', fail);
    socket.off('timeout', fail);
    socket.setTimeout(0);
    void runSession(socket, openScreen(process.stdin, process.stdout, process.stderr));
  });
}

/**
 *     open --salir, Ctrl-C, Ctrl-D, end of input--> leaving --the server's FIN--> closed, exit code 0
 *        +------------------the connection is lost---------------------------------> closed, exit code 1
 *
 * The client sends a FIN and reads until the server's FIN. Closing with unread bytes would be a reset, which stops
 * Python's server for everybody.
 */
async function runSession(socket: Socket, screen: Screen): Promise<void> {
  let state: 'open' | 'leaving' = 'open';
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
    if (state === 'open') lost = 'Conexión con el servidor cerrada.';
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
  process.stdout.on('error', leave); // `npm run client | head`: the reader is gone

  screen.note('Conectado al servidor.');
  for await (const line of screen.lines()) {
    await sendLine(socket, line);
    if (socket.writableEnded) break;
  }
  leave();
}
