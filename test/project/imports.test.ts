import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { importsOf, violations } from '../../scripts/imports.ts';
import { filesUnder, inProject } from '../../scripts/lib/project.ts';

/** What is wrong with a file of that path and text. */
function check(path: string, text: string): string[] {
  return violations([{ path, text }]);
}

test('every file of the project takes only what it may', () => {
  const files = filesUnder('')
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => ({ path, text: readFileSync(inProject(path), 'utf8') }));
  assert.ok(files.some(({ path }) => path === 'gateway/protocol.ts'));
  assert.deepEqual(violations(files), []);
});

describe('the checker finds', () => {
  const bad: Record<string, [path: string, text: string]> = {
    'the page in the gateway': ['web/app.ts', "import { Room } from '../gateway/room.ts';"],
    'the page in the gateway, for a type': ['web/app.ts', "import type { Room } from '../gateway/room.ts';"],
    'the page in the room': ['web/app.ts', "import { SAYS } from '../tcp-server/wire.ts';"],
    'the page in the configuration': ['web/app.ts', "import { readEnv } from '../env.ts';"],
    'the gateway in the server': [
      'gateway/upstream/ear.ts',
      "import { Server } from '../tcp-server/server.ts';",
    ],
    'the gateway in the page': ['gateway/app.ts', "export * from '../web/connection.ts';"],
    'the server in the gateway': [
      'tcp-server/chat-server.ts',
      "import { CLOSE } from '../gateway/protocol.ts';",
    ],
    'an import over several lines': ['web/app.ts', "import {\n  a,\n  b,\n} from '../gateway/room.ts';"],
    'an import for its effects': ['web/app.ts', "import '../gateway/room.ts';"],
    'an import when needed': ['web/app.ts', "const room = await import('../gateway/room.ts');"],
    'an import without extension': ['web/app.ts', "import { Room } from '../gateway/room';"],
    'an import as JavaScript': ['web/app.ts', 'import { Room } from "../gateway/room.js";'],
    'an indented import after a comment': [
      'web/app.ts',
      "/* x */\n  import { Room } from '../gateway/room.ts';",
    ],
    'a program': ['test/gateway/app.test.ts', "import '../../gateway/main.ts';"],
    'a test': ['test/helpers/room.ts', "import { x } from '../room.test.ts';"],
    'a contract that imports': ['gateway/protocol.ts', "import { header } from '../tcp-server/wire.ts';"],
    'a contract that imports a package': ['tcp-server/wire.ts', "import { join } from 'node:path';"],
    'configuration read in the middle': ['gateway/config.ts', "import { readEnv } from '../env.ts';"],
    'the environment in the middle': ['gateway/hub/hub.ts', 'const { env } = process.env.ROOM_HOST;'],
    'arguments in the middle': ['tcp-server/chat-server.ts', 'const port = process.argv[2];'],
    'common/env.ts in the programs': ['common/env.ts', "import { schema } from './gateway/config.ts';"],
  };
  for (const [what, [path, text]] of Object.entries(bad)) {
    test(what, () => assert.equal(check(path, text).length, 1));
  }
});

describe('the checker lets pass', () => {
  const good: Record<string, [path: string, text: string]> = {
    'the page in the protocol': [
      'web/connection/connection.ts',
      "import { CLOSE } from '../gateway/protocol.ts';",
    ],
    'the page in its own': [
      'web/elements/app.ts',
      "import { css } from '../style.ts';\nimport './list.css';",
    ],
    'the gateway in the wire format': [
      'gateway/upstream/formats/dice-parser.ts',
      "import { SAYS } from '../tcp-server/wire.ts';",
    ],
    'configuration read by a program': ['gateway/main.ts', "import { readEnv } from '../env.ts';"],
    'arguments of a program': ['tcp-server/client/main.ts', 'const [address] = process.argv.slice(2);'],
    'the environment in common/env.ts': ['common/env.ts', 'const env = process.env;'],
    'the environment in the settings of a tool': [
      'web/vite.config.ts',
      'const port = process.env.HTTP_PORT;',
    ],
    packages: ['gateway/app.ts', "import fastify from 'fastify';"],
    'an import in a comment': ['web/app.ts', "// import { Room } from '../gateway/room.ts';"],
    'tests, which look at everything': ['test/room.test.ts', "import { Room } from '../gateway/room.ts';"],
  };
  for (const [what, [path, text]] of Object.entries(good)) {
    test(what, () => assert.deepEqual(check(path, text), []));
  }
});

test('each import is found once, with what it is for', () => {
  const text =
    "import type { A } from './a.ts';\nimport b, { type B } from './b.ts';\nimport './c.ts';\nexport { d } from './d.ts';";
  assert.deepEqual(
    importsOf(text).map(({ specifier, typeOnly }) => [specifier, typeOnly]),
    [
      ['./a.ts', true],
      ['./b.ts', false],
      ['./d.ts', false],
      ['./c.ts', false],
    ],
  );
});
