/**
 * Serves the metrics of the gateway for Prometheus. docs/grafana-dashboard.json draws them.
 */
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { ClusterStatus } from '../../cluster/status.ts';
import type { Hub } from '../../hub/hub.ts';
import type { ByteCounter } from '../../ops/byte-counter.ts';

/** Sampling interval of the event loop. A shorter one would wake up an idle gateway a hundred times a second. */
const LOOP_SAMPLE_MS = 100;

export function metricsRoute(app: FastifyInstance, hub: Hub, byteCounter: ByteCounter): void {
  const { registry } = hub.counters;
  addMetrics(hub, byteCounter);
  if (hub.cluster) addClusterMetrics(registry, hub.cluster);
  app.get('/metrics', async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}

/** Adds the metrics that are read when Prometheus asks. ops/counters.ts counts events as they happen. */
function addMetrics(hub: Hub, byteCounter: ByteCounter): void {
  const { registry } = hub.counters;
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_SAMPLE_MS });
  const gauge = gaugesIn(registry);
  const counter = countersIn(registry);

  gauge('sessions', 'Sessions, including those that may still be resumed', () => hub.sessions);
  gauge('terminals', 'Terminals that sent a message within the last hour', () => hub.presence.terminals);
  gauge('voices', 'Sessions whose own connection to the room is open', () => hub.voices);
  gauge('browsers_behind', 'Browsers that have not received the newest entry', () => hub.lags.length);
  gauge('browser_lag_entries', 'Entries that the slowest browser is behind', () =>
    hub.lags.reduce((most, lag) => Math.max(most, lag), 0),
  );
  gauge('queued_messages', 'Messages not sent to the room yet', () => hub.queuedMessages);
  gauge('queued_bytes', 'Bytes of text not sent to the room yet', () => hub.queues.bytes);
  gauge('room_up', '1 while the ear is connected to the room', () => Number(hub.ear.isOpen));
  gauge('dial_queue', 'Connections to the room that wait for the dialer', () => hub.dialer.waiting);
  gauge('transcript_head', 'Newest seq of the transcript', () => hub.log.head);
  gauge('transcript_writable', '1 while the transcript can be written to disk', () => Number(hub.log.keeps));
  gauge('transcript_unwritten', 'Entries not written to disk yet', () => hub.log.unwritten);
  counter('room_bytes', 'Bytes received from the room by the ear', () => hub.ear.bytes);
  counter('dial_failures', 'Failed attempts to connect to the room', () => hub.dialer.failures);
  counter('sent_bytes', 'Bytes sent to browsers', () => byteCounter.sent);
  counter('received_bytes', 'Bytes received from browsers', () => byteCounter.received);
}

/** Adds the metrics of a gateway that shares its transcript. */
export function addClusterMetrics(registry: Registry, cluster: ClusterStatus): void {
  const gauge = gaugesIn(registry);
  gauge('cluster_appends', '1 while this gateway appended last', () => Number(cluster.appends));
  gauge('cluster_aligned', '1 while the end of the log is known in what the ear hears', () =>
    Number(cluster.isAligned),
  );
  gauge('cluster_current', '1 while the whole log was read', () => Number(cluster.isCurrent));
  gauge('cluster_peers', 'Other gateways that live', () => cluster.peers);
  gauge(
    'cluster_unlogged_characters',
    'Characters heard from the room that the log does not have',
    () => cluster.unlogged,
  );
  gauge(
    'cluster_unacknowledged_seconds',
    'Time for which the oldest request to NATS has no answer',
    () => cluster.unacknowledgedMs / 1000,
  );
  const counter = countersIn(registry);
  counter('cluster_repairs', "Repairs of this gateway's copy of the log", () => cluster.repairs);
}

function countersIn(registry: Registry): (name: string, help: string, read: () => number) => void {
  return (name, help, read) => {
    const metric = new Counter({ name: `tertulia_${name}_total`, help, registers: [registry], collect });
    function collect(): void {
      metric.reset();
      metric.inc(read());
    }
  };
}

function gaugesIn(registry: Registry): (name: string, help: string, read: () => number) => void {
  return (name, help, read) => {
    new Gauge({ name: `tertulia_${name}`, help, registers: [registry], collect: set(read) });
  };
}

function set(read: () => number): (this: Gauge) => void {
  return function collect() {
    this.set(read());
  };
}
