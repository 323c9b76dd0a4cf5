/**
 * Connects a plain-text WebSocket to a session: each frame is a message, and `salir` leaves. The session ends with its
 * socket, because plain text has no way to resume it.
 */
import { LEAVE_WORD } from '../../tcp-server/wire.ts';
import { PlainTextEncoder } from '../downstream/encoders.ts';
import type { ClientConnection, Subscriber } from '../downstream/subscriber.ts';
import type { Hub } from '../hub/hub.ts';
import type { Admission } from '../limits/admission.ts';
import { parseNickname } from '../protocol.ts';
import type { Session } from '../session/session.ts';
import { withoutLineEnds } from '../upstream/formats/dice-parser.ts';
import type { ClientOptions } from './json-client.ts';
import { ReadThrottle } from './read-throttle.ts';

/** The name of a client that sends none, in a room with logins. */
const GUEST = 'invitado';

export function serveTextClient(
  connection: ClientConnection,
  admission: Admission,
  hub: Hub,
  { messageRate }: ClientOptions,
): void {
  const { socket } = connection;
  const subscriber: Subscriber = hub.subscribe(
    connection,
    new PlainTextEncoder((address) => session?.owns(address) ?? false),
  );
  const readThrottle = new ReadThrottle(socket, subscriber, messageRate);
  const session: Session | undefined = hub.joinNow(subscriber);
  admission.settle();
  socket.on('close', () => {
    readThrottle.end();
    void session?.leave('closed the socket');
  });
  if (!session) return;
  let count = 0;

  socket.on('message', (data, isBinary) => {
    const text = withoutLineEnds(data.toString());
    if (isBinary) subscriber.send({ type: 'error', code: 'not-text', message: 'frames must be text' });
    else if (text.trim().toLowerCase() === LEAVE_WORD) void session.leave();
    else if (text !== '') {
      if (session.awaitsName) session.setNickname(parseNickname(text).nickname ?? GUEST);
      session.say(String(++count), text);
    }
  });
}
