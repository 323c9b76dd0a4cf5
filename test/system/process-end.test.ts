/**
 * How programs end when their terminal is closed, when native code crashes, and when their output is not read.
 */
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { inProject } from '../../scripts/lib/project.ts';
import { makePair, withoutOpenssl } from '../helpers/certificate.ts';
import { eventually } from '../helpers/eventually.ts';
import { dataDir, Gateway, launchGateway, openTab } from '../helpers/gateway.ts';
import { start, without } from '../helpers/process.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, freePort } from '../helpers/tcp.ts';

const ON_WINDOWS = process.platform === 'win32' && 'Windows has no signals';
const CLOSE_TERMINAL = inProject('test/python/close_terminal.py');
const NPM_START = ['--import', 'tsx', 'scripts/start.ts'];

/** A start builds nothing here, but loads its sources. */
const STARTS_WITHIN_MS = 60_000;

interface Subject {
  args: string[];
  /** Printed once the program runs. */
  sign: string;
}

const SUBJECTS: Record<string, Subject> = {
  'the room': { args: ['dist/tcp-server/main.js'], sign: 'Servidor escuchando' },
  'the gateway': { args: ['dist/gateway/main.js'], sign: 'Server listening' },
  'npm start': { args: NPM_START, sign: 'Ctrl-C' },
};

/** Ports and data of its own for each program. npm ends none of the programs of other tests. */
async function environment(t: TestContext): Promise<Record<string, string>> {
  const [room, page] = [await freePort(), await freePort()];
  return {
    TCP_PORT: `${room}`,
    ROOM_PORT: `${room}`,
    HTTP_PORT: `${page}`,
    DATA_DIR: dataDir(t),
    npm_lifecycle_event: '',
  };
}

describe('closed terminal', { skip: ON_WINDOWS || without('python3') }, () => {
  /** How the program ended: `exit CODE`, `signal NUMBER` or `alive`. */
  async function endsWith(t: TestContext, { args, sign }: Subject, env = {}): Promise<string> {
    const terminal = await start(t, 'python3', [CLOSE_TERMINAL, sign, process.execPath, ...args], {
      ...(await environment(t)),
      ...env,
    });
    await terminal.exits(2 * STARTS_WITHIN_MS);
    return terminal.output.trim() || terminal.errors;
  }

  for (const [name, subject] of Object.entries(SUBJECTS)) {
    test(`closed terminal ends ${name} in order`, async (t) => {
      assert.equal(await endsWith(t, subject), 'exit 0');
    });
  }

  test('closed terminal ends a gateway in order that reloads certificates at SIGHUP', {
    skip: withoutOpenssl,
  }, async (t) => {
    const { cert, key } = makePair(dataDir(t), 'localhost');
    const subject = SUBJECTS['the gateway'] as Subject;
    assert.equal(await endsWith(t, subject, { TLS_CERT: cert, TLS_KEY: key }), 'exit 0');
  });
});

describe('SIGHUP under nohup', { skip: ON_WINDOWS || without('sh', 'nohup') }, () => {
  for (const [name, { args }] of Object.entries(SUBJECTS)) {
    test(`SIGHUP under nohup leaves ${name} running`, async (t) => {
      const env = await environment(t);
      const output = join(env.DATA_DIR ?? '', 'nohup.out');
      // The shell stands for npm's, which SIGHUP ends too.
      const line = `nohup "$0" "$@" >${output} 2>&1 & echo $!; wait`;
      const shell = await start(t, 'sh', ['-c', line, process.execPath, ...args], {
        ...env,
        npm_lifecycle_event: 'start',
      });
      const pid = Number((await shell.prints(/^(\d+)\n/))[1]);
      t.after(() => endIfThere(pid));
      const url = `http://127.0.0.1:${env.HTTP_PORT}/healthz`;
      const answers = async () => {
        if (name !== 'the room') return (await fetch(url)).ok;
        await (await enter(t, Number(env.TCP_PORT))).leave();
        return true;
      };
      await eventually(
        () => answers().catch(() => false),
        () => `no answer: ${readFileSync(output, 'utf8')}`,
        STARTS_WITHIN_MS,
      );
      // A closed terminal sends both at once, so the program looks at neither before it has both.
      process.kill(pid, 'SIGSTOP');
      shell.signal('SIGHUP');
      process.kill(pid, 'SIGHUP');
      process.kill(pid, 'SIGCONT');
      await shell.exits();
      // A program that watches its npm does so several times a second.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      assert.equal(await answers(), true);
      process.kill(pid, 'SIGTERM');
      await eventually(
        () => !isThere(pid),
        () => 'SIGTERM did not end it',
      );
    });
  }
});

describe('crash in native code', { skip: ON_WINDOWS }, () => {
  test('crash in native code ends the room by its signal', async (t) => {
    const { program } = await builtRoom(t);
    assert.deepEqual(await program.stop('SIGSEGV'), { code: null, signal: 'SIGSEGV' });
  });

  for (const signal of ['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGABRT'] as const) {
    test(`crash in native code ends the gateway by ${signal}`, async (t) => {
      const gateway = await launchGateway(t, await freePort());
      assert.deepEqual(await gateway.program.stop(signal), { code: null, signal });
    });
  }

  test("crash of the gateway ends npm start with exit code 1 and the signal's name", async (t) => {
    const args = [...NPM_START, '--log-format', 'json'];
    const programs = await start(t, process.execPath, args, await environment(t));
    await programs.prints('"msg":"ready"', STARTS_WITHIN_MS);
    const [, gateway] = await programs.prints(/"pid":(\d+)/);
    process.kill(Number(gateway), 'SIGSEGV');
    assert.equal((await programs.exits()).code, 1);
    assert.match(programs.errors, /The gateway was ended by SIGSEGV\./);
  });

  test('crash of npm start ends the room and the gateway too', async (t) => {
    const env = await environment(t);
    const programs = await start(t, process.execPath, NPM_START, env);
    await programs.prints('Ctrl-C', STARTS_WITHIN_MS);
    programs.signal('SIGSEGV');
    assert.deepEqual(await programs.exits(), { code: null, signal: 'SIGSEGV' });
    for (const port of [env.HTTP_PORT, env.TCP_PORT]) {
      await eventually(
        () =>
          enter(t, Number(port)).then(
            () => false,
            () => true,
          ),
        () => `port ${port} is still taken`,
      );
    }
  });
});

test('gateway goes on when its log can not be written', {
  skip: process.platform !== 'linux' && 'only Linux has /dev/full',
}, async (t) => {
  const room = await builtRoom(t);
  const port = await freePort();
  const full = openSync('/dev/full', 'w');
  const program = await start(
    t,
    process.execPath,
    ['dist/gateway/main.js'],
    {
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: `${port}`,
      ROOM_PORT: `${room.port}`,
      DATA_DIR: dataDir(t),
      LOG_LEVEL: 'trace',
    },
    full,
  );
  closeSync(full);
  const gateway = new Gateway(program, port);
  await eventually(
    () =>
      gateway.get('/readyz').then(
        ({ ok }) => ok,
        () => false,
      ),
    () => 'the gateway does not answer',
  );
  const [ana, eva] = [await openTab(t, gateway), await openTab(t, gateway)];
  ana.say('hola');
  await eva.receives('hola');
  assert.deepEqual(await program.stop(), { code: 0, signal: null });
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function endIfThere(pid: number): void {
  if (isThere(pid)) process.kill(pid, 'SIGKILL');
}
