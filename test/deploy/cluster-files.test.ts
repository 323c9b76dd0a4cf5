/**
 * The files that run a cluster, as far as their programs check them without a start. test/load/cluster.test.ts runs
 * HAProxy with its file.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { inProject } from '../../scripts/lib/project.ts';
import { configured } from '../helpers/configured.ts';
import type { Cleanup } from '../helpers/eventually.ts';
import { type Program, start, without } from '../helpers/process.ts';

const GATEWAYS = { GATEWAY_1: '10.0.0.21:8080', GATEWAY_2: '10.0.0.22:8080', GATEWAY_3: '10.0.0.23:8080' };

async function accepts(program: Program): Promise<void> {
  assert.deepEqual([(await program.exits()).code, program.errors.trim()], [0, '']);
}

test('HAProxy accepts haproxy-cluster.cfg', { skip: without('haproxy') }, async (t) => {
  const file = inProject('docs/deploy/haproxy-cluster.cfg');
  await accepts(
    await start(t, 'haproxy', ['-c', '-q', '-f', file], { ROOM: '10.0.0.20:12346', ...GATEWAYS }),
  );
});

test('nats-server accepts nats.conf', { skip: without('nats-server') }, async (t) => {
  const isOld = /v2\.[0-9]\./.test((await run(t, 'nats-server', ['--version'])).output);
  // Servers before 2.10 do not know it.
  const file = configured(t, 'nats.conf', isOld ? { 'sync_interval: always': '' } : {});
  const program = await start(t, 'nats-server', ['-t', '-c', file], {
    SERVER_NAME: 'nats-1',
    TOKEN: 'secret',
  });
  assert.equal((await program.exits()).code, 0, program.errors);
});

test('docker-compose accepts docker-compose.cluster.yml', { skip: without('docker-compose') }, async (t) => {
  const { output } = await run(t, 'docker-compose', [
    '-f',
    inProject('docker-compose.cluster.yml'),
    'config',
  ]);
  for (const service of ['tcp-server', 'gateway-1', 'gateway-3', 'nats-1', 'nats-3', 'haproxy']) {
    assert.match(output, new RegExp(`^ {2}${service}:$`, 'm'));
  }
  assert.match(output, /CLUSTER: nats:\/\/nats-1,nats-2,nats-3$/m);
});

test('kubectl accepts the folder kubernetes', { skip: without('kubectl') }, async (t) => {
  const { output } = await run(t, 'kubectl', ['kustomize', inProject('docs/deploy/kubernetes')]);
  const kinds = [...output.matchAll(/^kind: (\w+)$/gm)].map(([, kind]) => kind);
  assert.deepEqual(kinds.toSorted(), [
    'Deployment',
    'Deployment',
    'Ingress',
    'Namespace',
    'PodDisruptionBudget',
    'Service',
    'Service',
  ]);
  assert.doesNotMatch(output, /image: tertulia$/m);
});

test('compose file, Kubernetes and the guide name one version of NATS', () => {
  const read = (path: string) => readFileSync(inProject(path), 'utf8');
  const files = ['docker-compose.cluster.yml', 'docs/deploy/kubernetes/nats-values.yaml'];
  const versions = files.map((path) => /2\.\d+\.\d+(?=-alpine)/.exec(read(path))?.[0]);
  assert.equal(new Set(versions).size, 1, `${versions}`);
  assert.ok(read('docs/cluster.md').includes(`${versions[0]}`));
});

test('systemd accepts the services of a cluster', { skip: without('systemd-analyze') }, async (t) => {
  const gateway = configured(t, 'tertulia-gateway.service', {
    '/usr/bin/node': process.execPath,
    'WorkingDirectory=/opt/tertulia': `WorkingDirectory=${process.cwd()}`,
  });
  const dropIn = join(dirname(gateway), 'tertulia-gateway.service.d');
  mkdirSync(dropIn);
  const settings = readFileSync(inProject('docs/deploy/tertulia-gateway-cluster.conf'), 'utf8');
  writeFileSync(join(dropIn, 'cluster.conf'), settings);
  const nats = configured(t, 'tertulia-nats.service', { '/usr/bin/nats-server': process.execPath });
  for (const file of [gateway, nats]) {
    await accepts(await start(t, 'systemd-analyze', ['verify', '--man=no', file]));
  }
});

/** Runs a program until it has succeeded. */
async function run(t: Cleanup, command: string, args: string[]): Promise<Program> {
  const program = await start(t, command, args);
  assert.equal((await program.exits()).code, 0, program.errors);
  return program;
}
