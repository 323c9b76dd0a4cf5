/**
 * Text of people reaches others as text only, in any script.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toPageText } from '../../common/control-characters.ts';
import { sanitize } from '../../gateway/session/sanitize.ts';
import { startGateway } from '../helpers/gateway.ts';
import { sharedFixture } from '../helpers/shared-fixture.ts';
import { bareServer, enter } from '../helpers/tcp.ts';
import { ask, comeIn, shared } from './connect.ts';

const open = shared();

/** A gateway in front of a server that sends what no room of ours does. */
const unruly = sharedFixture(async (t) => {
  const server = await bareServer(t);
  const ear = server.accepts();
  const gateway = await startGateway(t, server.port, { ROOM_QUIET_MS: '0' });
  return { gateway, ear: await ear };
});

/** Texts that must arrive as they were written. */
const SCRIPTS: Record<string, string> = {
  'Persian, with its joiners and non-joiners': 'می‌خواهم نامه‌ای بنویسم',
  'Arabic and Hebrew with numbers and marks': 'السعر \u200e12\u200f شكرا, שלום 7',
  'Hindi, Bengali and Malayalam, with joiners': 'क्‍ष क्षि র‍্য അവന്‍',
  'Sinhala and Khmer': 'ශ්‍රී ខ្មែរ',
  'Mongolian, with vowel separators': 'ᠮᠣᠩᠭᠣᠯ\u180eᠠ',
  'accents of their own': 'e\u0301 n\u0303 o\u0308',
  'Chinese with variants beyond the first plane': '葛\u{e0100} 𠮷野家',
  'emoji with skins, families, keycaps and text style': '👍🏽 👩‍👩‍👧‍👦 1️⃣ ❤️ ☺︎ 🏳️‍🌈',
  'flags of countries and of their parts': '🇪🇸 🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}',
  'isolates around a foreign name': 'usuario \u2068مرحبا\u2069 dijo',
  'mathematics, music and private use': '𝔘𝕟𝕚 𝄞 \ue000',
};

for (const [script, text] of Object.entries(SCRIPTS)) {
  test(`every script arrives as it was written: ${script}`, () => {
    assert.equal(sanitize(text), text);
    assert.equal(toPageText(text), text);
  });
}

test('invisible text is not sent', () => {
  for (const text of [
    '\u200b',
    '\u2060\ufeff',
    '\u200d\u200c',
    '\u{e0041}\u{e0042}',
    '\u2066\u2069',
    '\ufe0f \u00ad',
  ]) {
    assert.equal(sanitize(text), '', JSON.stringify(text));
  }
});

describe('text of a terminal does a page no harm:', () => {
  const rows: [part: string, sent: string, shown: string][] = [
    ['colours and cursor movements', '\x1b[31mrojo\x1b[0m\x1b[2J\x1b[1;1H', 'rojo'],
    ['titles, links and clipboards', '\x1b]0;título\x07a\x1b]8;;http://x\x1b\\b\x1b]52;c;AAAA\x07', 'ab'],
    ['a sequence that was cut', 'a\x1b[', 'a['],
    ['eight-bit controls', 'a\u009b2Jb\u0085c', 'a2Jbc'],
    ['bells, backspaces and nulls', 'a\x07\x08\0b', 'ab'],
    ['a carriage return that would overwrite', 'verdad\rmentira', 'verdad\nmentira'],
    ['marks that reverse a line', 'abc\u202edef\u202c', 'abcdef'],
  ];
  for (const [part, sent, shown] of rows)
    test(`a page is not harmed by ${part}`, () => assert.equal(toPageText(sent), shown));
});

test('text of a browser moves no cursor, rings no bell, reverses no line in a terminal', async (t) => {
  const { gateway, room } = open;
  const [tab, terminal] = [await comeIn(t, gateway), await enter(t, room.port)];
  await tab.receivesReceipt(tab.say('\x1b[2J\x07\x08\u009b31m\u202eal revés\r\notra\u2028línea'), 'heard');
  await terminal.receives('línea\n');
  assert.equal(terminal.received, `${tab.you} dice: [2J31mal revés otra línea\n`);
});

test('text of a browser is never taken for a header, nor for a second speaker', async (t) => {
  const { gateway, room } = open;
  const [tab, terminal] = [await comeIn(t, gateway), await enter(t, room.port)];
  await tab.receivesReceipt(tab.say('hola\n10.0.0.7:4000 dice: soy otro [::1]:5 dice: y otro'), 'heard');
  await terminal.receives('y otro\n');
  assert.equal(terminal.received.match(/dice: /g)?.length, 3);
  assert.equal(tab.messages.at(-1)?.from, tab.you);
});

test('line under the address of a voice that did not send it is marked as forged', async (t) => {
  const { gateway, ear } = unruly;
  const tab = await comeIn(t, gateway);
  ear.write(`${tab.you} dice: os debo una cena\n`);
  assert.equal((await tab.receives('os debo una cena')).forged, true);
  assert.equal(await gateway.metric('tertulia_forged_total'), 1);
});

test('transcript as text moves no cursor in a terminal that shows it', async (t) => {
  const { gateway, ear } = unruly;
  const tab = await comeIn(t, gateway);
  ear.write('10.0.0.7:4000 dice: acta \x1b[2J\x07\u009b5\u202e fin\n');
  await tab.receives('acta \x1b[2J\x07\u009b5\u202e fin');
  const { text } = await ask(gateway, '/api/transcript?format=text');
  assert.match(text, /acta \[2J5 fin\n/);
  assert.doesNotMatch(text, /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
});
