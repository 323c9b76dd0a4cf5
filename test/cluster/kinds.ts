/**
 * The faults of a cluster. Each returns when the fault is over and everything runs again.
 */
import type { ClusterWorld, Node } from './world.ts';

export interface ClusterKind {
  id: string;
  title: string;
  /** Longest lateness of a line at the other gateways, ms, on a machine with nothing else to do. */
  latestMs: number;
  /** Whether the log begins anew, with another epoch. It is struck once. */
  breaks?: boolean;
  strike(world: ClusterWorld): Promise<void>;
}

/** Time for which a gateway sleeps, in one fault after another, ms. */
const SLEEPS_MS = [5_000, 10_000, 5_000, 20_000, 5_000, 30_000, 5_000, 60_000, 5_000, 120_000];
/** Time for which a NATS server sleeps, ms. */
const NATS_SLEEP_MS = 15_000;
const NO_FAULT_MS = 5_000;
/** Time for which a connection stays cut, ms. */
const CUT_MS = 3_000;
/** Time for which two NATS servers are away, ms. */
const AWAY_MS = 10_000;
/** The largest pauses by the study: a takeover, any follower, an election, and an election with a takeover, ms. */
const [TAKEOVER, FOLLOWER, ELECTION, BOTH] = [1_500, 300, 10_000, 11_000];
const SECOND = 1_000;

export const CLUSTER_KINDS: readonly ClusterKind[] = [
  { id: 'c0', title: 'no fault', latestMs: FOLLOWER, strike: (world) => world.pause(NO_FAULT_MS) },
  { id: 'c1', title: 'appender killed', latestMs: TAKEOVER, strike: onAppender(kill) },
  { id: 'c2', title: 'follower killed', latestMs: FOLLOWER, strike: onFollower(kill) },
  { id: 'c3', title: 'appender stopped for 5 s to 2 min', latestMs: TAKEOVER, strike: onAppender(sleep) },
  { id: 'c4', title: 'follower stopped for 5 s to 2 min', latestMs: FOLLOWER, strike: onFollower(sleep) },
  { id: 'c5', title: 'appender ended', latestMs: SECOND, strike: onAppender(end) },
  { id: 'c6', title: 'follower ended', latestMs: SECOND, strike: onFollower(end) },
  { id: 'c7', title: "appender's ear cut", latestMs: TAKEOVER, strike: onAppender(cutEar) },
  { id: 'c8', title: "appender's way to NATS cut", latestMs: TAKEOVER, strike: onAppender(cutNats) },
  { id: 'c9', title: "follower's way to NATS cut", latestMs: FOLLOWER, strike: onFollower(cutNats) },
  { id: 'c10', title: 'NATS leader killed', latestMs: ELECTION, strike: killLeader },
  { id: 'c11', title: 'NATS follower killed', latestMs: SECOND, strike: killOther },
  { id: 'c12', title: 'NATS leader stopped for 15 s', latestMs: ELECTION, strike: stopLeader },
  { id: 'c13', title: 'appender and NATS leader killed', latestMs: BOTH, strike: killBoth },
  { id: 'c14', title: 'two NATS servers away', latestMs: AWAY_MS + BOTH, strike: loseTwo },
  { id: 'c15', title: 'stream deleted', latestMs: BOTH, breaks: true, strike: (world) => world.deleteLog() },
  { id: 'c16', title: 'follower begins with an empty disk', latestMs: SECOND, strike: onFollower(emptyDisk) },
  { id: 'c17', title: 'HAProxy restarted', latestMs: BOTH, strike: (world) => world.restartHaproxy() },
];

/** Kinds after which the log goes on without a gap within seconds. */
export const SINGLE_FAULTS = CLUSTER_KINDS.filter(({ id }) => !['c0', 'c14', 'c15'].includes(id));

type Act = (node: Node, world: ClusterWorld) => Promise<void>;

function onAppender(act: Act): (world: ClusterWorld) => Promise<void> {
  return async (world) => strike((await world.roles()).appender, act, world);
}

function onFollower(act: Act): (world: ClusterWorld) => Promise<void> {
  return async (world) => strike((await world.roles()).follower, act, world);
}

async function strike(node: Node, act: Act, world: ClusterWorld): Promise<void> {
  world.strikes(node);
  await act(node, world);
}

async function kill(node: Node, world: ClusterWorld): Promise<void> {
  await node.end('SIGKILL');
  await world.pause(world.dice.between(0, 2_000));
  await node.start();
}

async function end(node: Node, world: ClusterWorld): Promise<void> {
  await node.end('SIGTERM');
  await world.pause(world.dice.between(0, 2_000));
  await node.start();
}

async function emptyDisk(node: Node): Promise<void> {
  await node.end('SIGTERM');
  node.emptyDisk();
  await node.start();
}

async function sleep(node: Node, world: ClusterWorld): Promise<void> {
  const { program } = node.gateway;
  await program.freeze();
  await world.pause(SLEEPS_MS[world.faults % SLEEPS_MS.length] ?? 0);
  program.wake();
}

async function cutEar(node: Node, world: ClusterWorld): Promise<void> {
  await world.allAreHere();
  (await world.earOf(node)).cut();
}

async function cutNats(node: Node, world: ClusterWorld): Promise<void> {
  node.cutNats();
  await world.pause(CUT_MS);
  node.restoreNats();
}

async function killLeader(world: ClusterWorld): Promise<void> {
  const { leader } = await world.natsRoles();
  await leader.kill();
  await world.pause(world.dice.between(0, 2_000));
  await leader.start();
}

async function killOther(world: ClusterWorld): Promise<void> {
  const { others } = await world.natsRoles();
  const other = world.dice.oneOf(others);
  await other.kill();
  await world.pause(world.dice.between(0, 2_000));
  await other.start();
}

async function stopLeader(world: ClusterWorld): Promise<void> {
  const { leader } = await world.natsRoles();
  await leader.program.freeze();
  await world.pause(NATS_SLEEP_MS);
  leader.program.wake();
}

async function killBoth(world: ClusterWorld): Promise<void> {
  const [{ leader }, { appender }] = await Promise.all([world.natsRoles(), world.roles()]);
  world.strikes(appender);
  await Promise.all([leader.kill(), appender.end('SIGKILL')]);
  await world.pause(world.dice.between(0, 2_000));
  await leader.start();
  await appender.start();
}

async function loseTwo(world: ClusterWorld): Promise<void> {
  const { leader, others } = await world.natsRoles();
  const lost = [leader, world.dice.oneOf(others)];
  await Promise.all(lost.map((server) => server.kill()));
  await world.pause(AWAY_MS);
  await Promise.all(lost.map((server) => server.start()));
}
