/**
 * pipe.ts ROOM_PORT: a naive bridge for comparison. It copies bytes both ways over one TCP connection per WebSocket.
 * It parses and keeps nothing, and closes both sides at once.
 */
import { connect } from 'node:net';
import { WebSocketServer } from 'ws';

const [, , roomPort = ''] = process.argv;
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (socket) => {
  const room = connect(Number(roomPort), '127.0.0.1');
  room.on('data', (bytes) => socket.send(bytes));
  socket.on('message', (bytes: Buffer) => room.write(bytes));
  room.on('close', () => socket.close());
  socket.on('close', () => room.destroy());
  for (const side of [room, socket]) side.on('error', () => {});
});
server.on('listening', () => {
  const address = server.address();
  console.log(`listening on ${typeof address === 'object' ? address?.port : address}`);
});
