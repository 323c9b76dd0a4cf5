/**
 * The services of docs/deploy, as far as systemd checks them without running them.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configured } from '../helpers/configured.ts';
import { start, without } from '../helpers/process.ts';

describe('systemd', { skip: without('systemd-analyze') }, () => {
  for (const name of ['tertulia-room.service', 'tertulia-gateway.service']) {
    test(`systemd accepts every line of ${name}`, async (t) => {
      const file = configured(t, name, {
        '/usr/bin/node': process.execPath,
        'WorkingDirectory=/opt/tertulia': `WorkingDirectory=${process.cwd()}`,
      });
      const program = await start(t, 'systemd-analyze', ['verify', '--man=no', file]);
      assert.deepEqual([(await program.exits()).code, program.errors], [0, '']);
    });
  }
});
