/**
 * `tertulia learn` in front of servers that it does not know.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { learnRoom, type Settings } from '../../cli/learn/experiments.ts';
import { inProject } from '../../scripts/lib/project.ts';
import { dataDir } from '../helpers/gateway.ts';
import { start } from '../helpers/process.ts';
import { pythonRoom, withoutPython } from '../helpers/python.ts';
import { freePort } from '../helpers/tcp.ts';
import { standIn, withoutStandIn } from '../servers/stand-in.ts';

const NAME = '{name}\\n';

const USUAL = { login: '', say: '{text}\\n', bye: '', framing: 'lines' };

/** The settings beside those of most servers. */
const LEARNED: Record<string, Partial<Settings>> = {
  gopl: { format: '{address}: {text}' },
  'node-gist': { format: '{address}> {text}' },
  lab07: { format: '[{address}]: {text}{pause}' },
  geeksforgeeks: { format: '<{ip}> {text}' },
  beej: { format: 'plain' },
  asyncio: { format: '{name}: {text}', login: '/set name {name}\\n' },
  'node-demo': { format: '[{name}] {text}', login: NAME },
  budget: { format: '[{name}] {text}', login: NAME },
  tokio: { format: '{name}: {text}', login: NAME },
  submitname: { format: 'MESSAGE {name}: {text}', login: NAME },
  agnique: { format: '{name}: {text}', login: NAME },
  tylpele: { format: '{name}: {text}', login: NAME },
  wittcode: { format: '{name}: {text}', login: NAME, say: '{name}: {text}\\n', bye: 'reset' },
  twisted: { format: '<{name}> {text}', login: '{name}\\r\\n', say: '{text}\\r\\n' },
  neuralnine: { format: '{name}: {text}{pause}', login: '{name}', say: '{name}: {text}\\n', bye: 'reset' },
  cave: { format: '{name}: {text}{pause}', login: '{name}', bye: '{quit}' },
  packagemain: {
    format: '> {name}: {text}',
    login: '/nick {name}\\n/join sala\\n',
    say: '/msg {text}\\n',
    bye: '/quit\\n',
  },
  perl: { format: '{name}: {text}', login: NAME, say: '{name}: {text}\\n' },
  'json-lines': {
    format: '{"type": "chat", "message": "{name}: {text}"}',
    login: '{"type": "name", "message": "{name}"}\\n',
    say: '{"type": "chat", "message": "{text}"}\\n',
    bye: 'reset',
  },
  hilos: { format: '{name}: {text}', login: NAME, framing: 'utf' },
  digits: { format: 'plain', framing: 'digits:4' },
  fixed: { format: 'plain', framing: 'fixed:1024' },
};

/** Repeat an empty message for ever once a connection has closed. */
const FLOODING = ['wittcode'];

// Most of the time these wait.
describe('learn finds the settings for', { concurrency: 8 }, () => {
  for (const [manner, settings] of Object.entries(LEARNED)) {
    test(manner, { skip: withoutStandIn(manner) }, async (t) => {
      const { port } = await standIn(t, manner);
      const finding = await learnRoom({ host: '127.0.0.1', port, login: undefined, onTry: () => {} });
      assert.deepEqual(finding?.settings, { ...USUAL, ...settings });
      assert.ok(finding?.isVerified);
      assert.equal(finding.leave === 'floods', FLOODING.includes(manner));
    });
  }

  test('mug4z, with a login that a person knows', { skip: withoutStandIn('mug4z') }, async (t) => {
    const { port } = await standIn(t, 'mug4z');
    const login = 'intergouvernementalisations\\n/nick {name}\\n';
    const finding = await learnRoom({ host: '127.0.0.1', port, login, onTry: () => {} });
    assert.deepEqual(finding?.settings, { ...USUAL, format: '{name}: {text}', login, bye: '/bye\\n' });
    assert.equal(finding.leave, 'noticed');
  });

  test("the tutorial's server", { skip: withoutPython }, async (t) => {
    const { port } = await pythonRoom(t);
    const finding = await learnRoom({ host: '127.0.0.1', port, login: undefined, onTry: () => {} });
    assert.deepEqual(finding?.settings, { ...USUAL, format: 'dice' });
  });
});

async function learn(t: Parameters<typeof start>[0], ...args: string[]) {
  const program = await start(t, process.execPath, [inProject('dist/cli/main.js'), 'learn', ...args], {
    LC_ALL: 'C',
  });
  const { code } = await program.exits();
  return { code, output: program.output, errors: program.errors };
}

describe('learn', { concurrency: 3 }, () => {
  test('learn says beforehand that it speaks, prints settings and saves them', {
    skip: withoutPython,
  }, async (t) => {
    const { port } = await standIn(t, 'tokio');
    const file = join(dataDir(t), 'tertulia.json');
    writeFileSync(file, JSON.stringify({ HTTP_PORT: 9000, ROOM_SAY: 'old {text}' }));
    const { code, output, errors } = await learn(t, `127.0.0.1:${port}`, '--save', '--config', file);
    assert.deepEqual([code, errors], [0, '']);
    assert.match(output, /^Entering the room at \S+ twice, .* Everybody there sees it\.\n/);
    const settings = [`ROOM_PORT=${port}`, "ROOM_FORMAT='{name}: {text}'", "ROOM_LOGIN='{name}\\n'"];
    assert.ok(output.includes(`\nROOM_HOST=127.0.0.1\n${settings.join('\n')}\nSaved in ${file}.\n`), output);
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), {
      HTTP_PORT: 9000,
      ROOM_HOST: '127.0.0.1',
      ROOM_PORT: `${port}`,
      ROOM_FORMAT: '{name}: {text}',
      ROOM_LOGIN: '{name}\\n',
    });
  });

  test('learn ends with exit code 3 without a server, and 2 without an address', async (t) => {
    const silent = await learn(t, `127.0.0.1:${await freePort()}`);
    assert.equal(silent.code, 3);
    assert.match(silent.errors, /^No server answers at 127\.0\.0\.1:\d+: .*\n$/);
    const wrong = await learn(t);
    assert.deepEqual([wrong.code, wrong.output], [2, '']);
    assert.match(wrong.errors, /^learn : must be HOST:PORT/);
  });

  test('learn ends with exit code 1 if no word comes out on the other side', {
    skip: withoutPython,
  }, async (t) => {
    const { port } = await pythonRoom(t, 'echo');
    const { code, errors } = await learn(t, `127.0.0.1:${port}`);
    assert.equal(code, 1);
    assert.match(errors, /^No way to talk was found/);
  });
});
