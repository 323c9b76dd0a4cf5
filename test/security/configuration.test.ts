/**
 * A gateway with an invalid setting does not start with another value.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findProblem, type Settings } from '../../common/env.ts';
import { settings as gatewaySettings } from '../../gateway/config.ts';
import { settings as roomSettings } from '../../tcp-server/config.ts';
import { launchGateway } from '../helpers/gateway.ts';
import { start } from '../helpers/process.ts';
import { builtRoom } from '../helpers/room.ts';

const REFUSED: [variable: string, value: string, allowed: RegExp][] = [
  ['TRUSTED_PROXIES', '1', /addresses and networks/],
  ['TRUSTED_PROXIES', 'true', /addresses and networks/],
  ['TRUSTED_PROXIES', '10.0.0.0/33', /addresses and networks/],
  ['TRUSTED_PROXIES', '0.0.0.0/0', /addresses and networks/],
  ['TRUSTED_PROXIES', '10.0.0.1, proxy', /addresses and networks/],
  ['ALLOWED_ORIGINS', 'chat.example.org', /origins/],
  ['ALLOWED_ORIGINS', 'https://chat.example.org/path', /origins/],
  ['ALLOWED_ORIGINS', '*', /origins/],
  ['ALLOWED_HOSTS', 'https://chat.example.org', /host names/],
  ['ALLOWED_HOSTS', '*', /host names/],
  ['MESSAGE_RATE', '0', /> 0/],
  ['MAX_SOCKETS', '1.5', /integer/],
  ['MAX_SESSIONS', '0', />= 1/],
  ['HTTP_PORT', 'http', /integer/],
  ['LOG_LEVEL', 'loud', /debug/],
];

// gateway/app.test.ts shows how the program reports one of them.
for (const [variable, value, allowed] of REFUSED) {
  test(`settings refuse ${variable}=${value}, and name the allowed values`, () => {
    const problem = findProblem(gatewaySettings, { [variable]: value });
    assert.deepEqual([problem?.name, problem?.value], [variable, value]);
    assert.match(problem?.means ?? '', allowed);
  });
}

test("gateway warns of misspelt settings, and of no other program's variables", async (t) => {
  const room = await builtRoom(t);
  const gateway = await launchGateway(t, room.port, {
    ACESS_CODE: 'x',
    MAX_SESIONS: '1',
    ROOM_HSOT: 'x',
    MAX_PENDINGS: '1',
    LOG_LEVER: 'debug',
    TRANSCRIPT_YEARS: '1',
    HTTP_PROXY: 'http://proxy.example',
    TCP_PORT: '1',
    TCP_HOST: 'x',
    MAX_OLD: '1',
  });
  assert.deepEqual(gateway.program.errors.split('\n').filter(Boolean).toSorted(), [
    'Unknown setting ignored: ACESS_CODE; did you mean ACCESS_CODE?',
    'Unknown setting ignored: LOG_LEVER; did you mean LOG_LEVEL?',
    'Unknown setting ignored: MAX_PENDINGS; did you mean MAX_PENDING?',
    'Unknown setting ignored: MAX_SESIONS; did you mean MAX_SESSIONS?',
    'Unknown setting ignored: ROOM_HSOT; did you mean ROOM_HOST?',
    'Unknown setting ignored: TRANSCRIPT_YEARS',
  ]);
});

test('gateway with old setting names stops with one line that has the new names', async (t) => {
  const old = { MAX_MEMBERS: '10', SESSION_LINGER_MS: '1000', DIAL_GAP_MS: '' };
  const program = await start(t, process.execPath, ['dist/gateway/main.js'], old);
  assert.equal((await program.exits()).code, 2);
  assert.equal(
    program.errors,
    'Bad configuration: MAX_MEMBERS is now called MAX_SESSIONS, SESSION_LINGER_MS is now called SESSION_RESUME_MS\n',
  );
});

test('old setting names are unique and are not the name of a current setting', () => {
  for (const settings of [gatewaySettings, roomSettings] as Settings[]) {
    const old = Object.values(settings).flatMap(({ formerly = [] }) => formerly);
    assert.deepEqual(
      old.filter((name) => name in settings),
      [],
    );
    assert.equal(new Set(old).size, old.length);
  }
});
