import { connect } from 'node:net';
import { eventually } from '../../test/helpers/eventually.ts';

/** Waits until a server listens at that port of this machine. */
export async function isOpen(port: number): Promise<void> {
  await eventually(
    () => tryOnce(port),
    () => `nobody listens at ${port}`,
  );
}

function tryOnce(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.end();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
