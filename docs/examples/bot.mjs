// Answers "!time" with the time:  node bot.mjs [URL [PASSPHRASE]]
import { connect } from 'tertulia/client';

const [url = 'http://localhost:8080', passphrase] = process.argv.slice(2);

// Node 20 has no WebSocket of its own.
const WebSocket = globalThis.WebSocket ?? (await import('ws')).WebSocket;

const room = await connect(url, { nickname: 'bot', passphrase, WebSocket });
console.log(`joined as ${room.you}`);
process.once('SIGINT', () => room.leave());

for await (const { text, nickname, from, isOwn } of room) {
  if (isOwn || text !== '!time') continue;
  const time = new Date().toTimeString().slice(0, 5);
  const receipt = await room.send(`${nickname ?? from}, it is ${time}`);
  console.log(`answered ${nickname ?? from}: ${receipt.state}`);
}
console.log('left');
