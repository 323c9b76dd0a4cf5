/**
 * A gateway that was told something wrong does not start as if it had not been told.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
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
];

for (const [variable, value, allowed] of REFUSED) {
  test(`${variable}=${value} stops the start with one line that says what is allowed`, async (t) => {
    const program = await start(t, process.execPath, ['dist/gateway/main.js'], { [variable]: value });
    assert.equal((await program.exits()).code, 2);
    const [line = '', ...rest] = program.errors.split('\n');
    assert.ok(line.startsWith(`Bad configuration: ${variable}=${value}: `), line);
    assert.match(line, allowed);
    assert.deepEqual(rest, ['']);
  });
}

test('a name that is nearly ours, or begins like ours, is warned of; those of others are not', async (t) => {
  const room = await builtRoom(t);
  const gateway = await launchGateway(t, room.port, {
    ACESS_CODE: 'x',
    MAX_MEMBRES: '1',
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
    'Not known, and ignored: ACESS_CODE; did you mean ACCESS_CODE?',
    'Not known, and ignored: LOG_LEVER; did you mean LOG_LEVEL?',
    'Not known, and ignored: MAX_MEMBRES; did you mean MAX_MEMBERS?',
    'Not known, and ignored: MAX_PENDINGS; did you mean MAX_PENDING?',
    'Not known, and ignored: ROOM_HSOT; did you mean ROOM_HOST?',
    'Not known, and ignored: TRANSCRIPT_YEARS',
  ]);
});
