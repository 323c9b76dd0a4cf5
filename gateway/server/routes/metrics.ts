/**
 * What an operator watches, in Prometheus' format: docs/grafana-dashboard.json draws it.
 */
import { Counter, collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { Hub } from '../../hub/hub.ts';
import type { ByteCounter } from '../../ops/byte-counter.ts';

/** Finer, and an idle gateway would wake up a hundred times a second for it, ms. */
const LOOP_SAMPLE_MS = 100;

export function createMetrics(room: Hub, byteCounter: ByteCounter): Registry {
  const { registry } = room.counters;
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_SAMPLE_MS });
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({ name: `tertulia_${name}`, help, registers: [registry], collect: set(read) });
  };
  const counter = (name: string, help: string, read: () => number): void => {
    const metric = new Counter({ name: `tertulia_${name}_total`, help, registers: [registry], collect });
    function collect(): void {
      metric.reset();
      metric.inc(read());
    }
  };

  gauge('sessions', 'Browsers in the room, those that may come back included', () => room.sessions);
  gauge('terminals', 'Terminals that spoke within the last hour', () => room.presence.terminals);
  gauge('voices', 'Members whose own connection is in the room', () => room.voices);
  gauge('browsers_behind', 'Browsers that have not read all of the transcript', () => room.lags.length);
  gauge('browser_lag_entries', 'How far the slowest browser is behind', () =>
    room.lags.reduce((most, lag) => Math.max(most, lag), 0),
  );
  gauge('queued_messages', 'Says that have not gone out into the room yet', () => room.queuedMessages);
  gauge('queued_bytes', 'Bytes of text that have not gone out into the room yet', () => room.queues.bytes);
  gauge('room_up', '1 while the ear hears the room', () => Number(room.ear.isOpen));
  gauge('dial_queue', 'Connections to the room that are wanted and not there yet', () => room.dialer.waiting);
  gauge('transcript_head', 'Newest number in the transcript', () => room.log.head);
  gauge('transcript_writable', '1 while the disk takes the transcript', () => Number(room.log.keeps));
  gauge('transcript_unwritten', 'Entries that are only in memory so far', () => room.log.unwritten);
  counter('room_bytes', 'Bytes heard from the room', () => room.ear.bytes);
  counter('dial_failures', 'Tries to reach the room that failed', () => room.dialer.failures);
  counter('sent_bytes', 'Bytes sent to browsers', () => byteCounter.sent);
  counter('received_bytes', 'Bytes received from browsers', () => byteCounter.received);
  return registry;
}

function set(read: () => number): (this: Gauge) => void {
  return function collect() {
    this.set(read());
  };
}
