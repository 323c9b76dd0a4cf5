/**
 * A chat server that says the same bytes as a gist for Node. It listens without a host, so that IPv4 addresses are shown
 * as IPv6.
 */
import { createServer } from 'node:net';

const [, , port = ''] = process.argv;
const sockets = new Set();

function tell(text) {
  for (const socket of sockets) socket.write(text);
}

const server = createServer((socket) => {
  const address = `${socket.remoteAddress}:${socket.remotePort}`;
  let rest = '';
  sockets.add(socket);
  socket.write(`Bem vindo ${address}\n`);
  tell(`${address} entrou no chat.\n`);
  socket.on('data', (data) => {
    const lines = `${rest}${data}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) tell(`${address}> ${line}\n`);
  });
  socket.on('end', () => {
    sockets.delete(socket);
    tell(`${address} saiu do chat.\n`);
  });
  socket.on('error', () => sockets.delete(socket));
});

server.listen(Number(port), () => console.log(`Servidor escuchando en 127.0.0.1:${port}`));
