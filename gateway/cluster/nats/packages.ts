/**
 * Loads the packages of NATS. Only this file names them, and only a gateway with CLUSTER loads it.
 */
export type { JetStreamManager, StreamConfig, StreamInfo } from '@nats-io/jetstream';
export type { ConnectionOptions, Msg, NatsConnection } from '@nats-io/transport-node';

export interface NatsPackages {
  transport: typeof import('@nats-io/transport-node');
  jetstream: typeof import('@nats-io/jetstream');
}

export async function loadNats(): Promise<NatsPackages> {
  const [transport, jetstream] = await Promise.all([
    import('@nats-io/transport-node'),
    import('@nats-io/jetstream'),
  ]);
  return { transport, jetstream };
}
