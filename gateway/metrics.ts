/**
 * What an operator watches, in Prometheus' format.
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Room } from './room.ts';

export function createMetrics(room: Room): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
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

  gauge('members', 'Browsers in the room, those that may come back included', () => room.members);
  gauge('terminals', 'Terminals that spoke within the last hour', () => room.people.terminals);
  gauge('room_up', '1 while the ear hears the room', () => Number(room.listening));
  gauge('dial_queue', 'Connections to the room waiting to be dialled', () => room.dialer.waiting);
  gauge('transcript_head', 'Newest number in the transcript', () => room.log.head);
  counter('entries', 'Entries added to the transcript', () => room.counters.entries);
  counter('room_bytes', 'Bytes heard from the room', () => room.bytesHeard);
  counter('forged', "Words under a voice's address that it did not say", () => room.counters.forged);
  counter('refused', 'WebSockets refused', () => room.counters.refused);
  counter('dial_failures', 'Tries to reach the room that failed', () => room.dialer.failures);
  new Counter({
    name: 'tertulia_receipts_total',
    help: 'Receipts sent to browsers, by state',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [state, count] of Object.entries(room.counters.receipts)) this.inc({ state }, count);
    },
  });
  return registry;
}

function set(read: () => number): (this: Gauge) => void {
  return function collect() {
    this.set(read());
  };
}
