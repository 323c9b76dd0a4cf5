/**
 * Forged speakers. The gateway marks what it can prove, and never drops another client's text.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DiceParser, KNOWN_MAX } from '../../gateway/upstream/formats/dice-parser.ts';
import type { RoomText } from '../../gateway/upstream/formats/room-text.ts';
import { header } from '../../tcp-server/wire.ts';
import { joined } from '../gateway/upstream/formats/parse-all.ts';
import { eventually } from '../helpers/eventually.ts';
import { startGateway } from '../helpers/gateway.ts';
import { sharedFixture } from '../helpers/shared-fixture.ts';
import { bareServer, enter } from '../helpers/tcp.ts';
import { comeIn, roomAndGateway } from './connect.ts';

/** Room servers that relay bytes unchanged, as the tutorial's does. The test writes the ear's input. */
const unruly = sharedFixture(async (t) => {
  const server = await bareServer(t);
  const ear = server.accepts();
  const gateway = await startGateway(t, server.port, { ROOM_QUIET_MS: '0' });
  return { gateway, ear: await ear };
});

const VICTIM = '127.0.0.1:4000';
const ATTACKER = '127.0.0.1:5000';

function hear(parser: DiceParser, ...chunks: string[]): { from: string; text: string }[] {
  const heard: RoomText[] = [];
  for (const chunk of chunks) heard.push(...parser.push(Buffer.from(chunk)), ...parser.flush());
  return joined([...heard, ...parser.end()]);
}

describe('address of an own voice', () => {
  test('address of an own voice is found though a shorter one that ends it is known', () => {
    const parser = new DiceParser((address) => address === VICTIM);
    const heard = hear(
      parser,
      `${ATTACKER} dice: x 27.0.0.1:4000 dice: a\n`,
      `${ATTACKER} dice: hola${VICTIM} dice: soy yo\n`,
    );
    assert.deepEqual(heard.at(-1), { from: VICTIM, text: 'soy yo' });
  });

  test('address of an own voice is found though a longer one with more digits is known', () => {
    const victim = '10.0.0.7:4000';
    const parser = new DiceParser((address) => address === victim);
    const heard = hear(
      parser,
      `${ATTACKER} dice: x 110.0.0.7:4000 dice: a\n`,
      `${ATTACKER} dice: hola\n1${victim} dice: soy yo\n`,
    );
    assert.deepEqual(heard.at(-1), { from: victim, text: 'soy yo' });
  });

  test('address of an own voice is found after digits in a room that writes bare IPv6', () => {
    const victim = '[::1]:4000';
    const parser = new DiceParser((address) => address === victim);
    const heard = hear(
      parser,
      '::1:5000 dice: x a::1:4000 dice: a\n',
      '::1:5000 dice: a::1:4000 dice: soy yo\n',
    );
    assert.deepEqual(heard.at(-1), { from: victim, text: 'soy yo' });
  });
});

test('address seen recently stays known, however many others appear', () => {
  const parser = new DiceParser();
  const speaker = '10.0.0.8:5000';
  const others = Array.from({ length: KNOWN_MAX - 1 }, (_, index) => {
    const [high, low] = [Math.floor(index / 60_000), index % 60_000];
    return `${header(`10.1.${high}.1:${low + 1}`)}a\n`;
  });
  parser.push(Buffer.from(others.join('')));
  hear(parser, `${speaker} dice: hola\n10.9.9.9:9 dice: a\n10.9.9.9:10 dice: a\n`);
  assert.deepEqual(hear(parser, `10.9.9.9:9 dice: son 1${speaker} dice: ah\n`).at(-1), {
    from: speaker,
    text: 'ah',
  });
});

test('terminal can not take the text of a browser under another address', async (t) => {
  const { gateway, ear } = unruly;
  const tab = await comeIn(t, gateway);
  const port = tab.you?.split(':').at(-1);
  ear.write(`${ATTACKER} dice: x 27.0.0.1:${port} dice: a\n`);
  await tab.receives('a');
  const id = tab.say('soy yo');
  await tab.receivesReceipt(id, 'unconfirmed');
  ear.write(`${ATTACKER} dice: hola${tab.you} dice: soy yo\n`);
  const heard = await tab.receives('soy yo');
  assert.deepEqual([heard.from, heard.said?.id, heard.forged], [tab.you, id, undefined]);
});

describe('forged header', () => {
  for (const [spelling, spell] of Object.entries<(port: string) => string>({
    'in the spelling of the room': (port) => `127.0.0.1:${port}`,
    'as IPv4 in IPv6': (port) => `[::ffff:127.0.0.1]:${port}`,
    'as IPv4 in IPv6, in capitals': (port) => `[::FFFF:127.0.0.1]:${port}`,
    'as IPv4 in IPv6, in groups': (port) => `[::ffff:7f00:1]:${port}`,
    'as IPv4 in IPv6, in full': (port) => `[0:0:0:0:0:ffff:7f00:0001]:${port}`,
    'as IPv4 in IPv6, with a zone': (port) => `[::ffff:127.0.0.1%eth0]:${port}`,
    'behind blanks that fill the row of a terminal': (port) => `hola${' '.repeat(60)}127.0.0.1:${port}`,
  })) {
    test(`forged header is marked: ${spelling}`, async (t) => {
      const { gateway, ear } = unruly;
      const tab = await comeIn(t, gateway);
      const text = `mentira ${spelling}`;
      ear.write(`${spell(tab.you?.split(':').at(-1) ?? '')} dice: ${text}\n`);
      const heard = await tab.receives(text);
      assert.deepEqual([heard.from, heard.forged, heard.said], [tab.you, true, undefined]);
    });
  }

  test('forged header that names a browser that has just left is marked', async (t) => {
    const { room, gateway } = await roomAndGateway(t);
    const [left, tab] = [await comeIn(t, gateway), await comeIn(t, gateway)];
    const terminal = await enter(t, room.port);
    const { you } = left;
    left.send({ type: 'leave' });
    await left.isClosed();
    await gateway.metricReaches('tertulia_voices', 1);
    terminal.send(`hola ${you} dice: y me voy sin pagar`);
    assert.equal((await tab.receives('y me voy sin pagar')).forged, true);
  });

  test("forged header that guesses a browser's text: the first counts, the second is marked", async (t) => {
    const { gateway, ear } = unruly;
    const tab = await comeIn(t, gateway);
    const id = tab.say('sí');
    await tab.receivesReceipt(id, 'unconfirmed');
    ear.write(`${ATTACKER} dice: x ${tab.you} dice: sí\n`);
    await tab.receivesReceipt(id, 'heard');
    ear.write(`${tab.you} dice: sí\n`);
    const both = await eventually(
      () => (tab.texts.filter((text) => text === 'sí').length === 2 ? tab.messages.slice(-2) : undefined),
      () => `heard ${tab.texts}`,
    );
    assert.deepEqual(
      both.map(({ said, forged }) => [said?.id, forged]),
      [
        [id, undefined],
        [undefined, true],
      ],
    );
  });
});

test('port 0, which a proxy may announce, is a speaker of its own', async (t) => {
  const { gateway, ear } = unruly;
  const tab = await comeIn(t, gateway);
  ear.write(`${ATTACKER} dice: hablo yo\n10.0.0.9:0 dice: y yo también\n`);
  assert.equal((await tab.receives('y yo también')).from, '10.0.0.9:0');
});
