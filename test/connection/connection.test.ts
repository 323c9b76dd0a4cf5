import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  BACKOFF_MAX_MS,
  CONNECT_TIMEOUT_MS,
  Connection,
  LEAVE_TIMEOUT_MS,
  PONG_TIMEOUT_MS,
  SILENCE_MS,
  STABLE_AFTER_MS,
  STALE_ATTEMPT_MS,
} from '../../connection/connection.ts';
import { CLOSE, type ClientMessage, type ServerMessage } from '../../gateway/protocol.ts';
import { FakeNetwork } from '../web/fakes.ts';

const HELLO: ClientMessage = { type: 'hello' };
const LOST = 1006;

class ConnectionHarness {
  readonly network = new FakeNetwork();
  readonly received: ServerMessage[] = [];
  readonly lost: number[] = [];
  readonly connection = new Connection(this.network.effects, {
    hello: () => HELLO,
    onMessage: (message) => this.received.push(message),
    onLost: (code) => this.lost.push(code),
  });

  get socket() {
    return this.network.socket;
  }

  get attempts() {
    return this.network.sockets.length;
  }

  pass(ms: number): void {
    this.network.clock.pass(ms);
  }

  open(): void {
    this.connection.open();
    this.socket.welcome();
  }

  /** Returns the time until the next attempt in ms. */
  waitForAttempt(): number {
    const { attempts } = this;
    const start = this.network.clock.now;
    while (this.attempts === attempts) this.pass(1);
    return this.network.clock.now - start;
  }
}

describe('connection', () => {
  it('sends hello first, and is open after the welcome', () => {
    const page = new ConnectionHarness();
    page.connection.open();
    assert.equal(page.connection.state, 'connecting');
    page.socket.open();
    assert.equal(page.connection.state, 'greeting');
    assert.deepEqual(page.socket.sent, [HELLO]);
    page.socket.welcome();
    assert.equal(page.connection.state, 'open');
    assert.equal(page.received[0]?.type, 'welcome');
  });

  it('sends nothing before the welcome', () => {
    const page = new ConnectionHarness();
    page.connection.open();
    page.socket.open();
    assert.equal(page.connection.send({ type: 'say', id: 'a', text: 'hola' }), false);
    assert.deepEqual(page.socket.sentOfType('say'), []);
  });

  it('backs off by a random part of a doubling time, up to BACKOFF_MAX_MS', () => {
    const page = new ConnectionHarness();
    page.connection.open();
    const waits = [];
    for (let i = 0; i < 8; i++) {
      page.socket.closeWith(LOST);
      waits.push(page.waitForAttempt());
    }
    assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 8000, BACKOFF_MAX_MS / 2, BACKOFF_MAX_MS / 2]);
  });

  it('resets the backoff after a stable connection', () => {
    const page = new ConnectionHarness();
    page.connection.open();
    for (let i = 0; i < 5; i++) {
      page.socket.closeWith(LOST);
      page.waitForAttempt();
    }
    page.socket.welcome();
    page.pass(STABLE_AFTER_MS);
    page.socket.closeWith(LOST);
    assert.equal(page.waitForAttempt(), 250);
  });

  it('does not reset the backoff after a welcome followed by a close', () => {
    const page = new ConnectionHarness();
    page.connection.open();
    for (let i = 0; i < 4; i++) {
      page.socket.welcome();
      page.socket.closeWith(LOST);
      page.waitForAttempt();
    }
    page.socket.closeWith(LOST);
    assert.equal(page.waitForAttempt(), 4000);
  });

  it('abandons a socket that does not open', () => {
    const page = new ConnectionHarness();
    page.connection.open();
    const slow = page.socket;
    page.pass(CONNECT_TIMEOUT_MS);
    assert.equal(slow.isClosed, true);
    assert.equal(page.connection.state, 'waiting');
  });

  it('pings a silent gateway, and drops the connection without an answer', () => {
    const page = new ConnectionHarness();
    page.open();
    const { socket } = page;
    page.pass(SILENCE_MS);
    assert.equal(socket.sentOfType('ping').length, 1);
    page.pass(PONG_TIMEOUT_MS);
    assert.equal(socket.isClosed, true);
    assert.deepEqual(page.lost, [LOST]);
  });

  it('sends no ping while messages arrive', () => {
    const page = new ConnectionHarness();
    page.open();
    for (let i = 0; i < 3; i++) {
      page.pass(SILENCE_MS - 1);
      page.socket.receive({ type: 'people', count: i });
    }
    page.pass(SILENCE_MS - 1);
    assert.deepEqual(page.socket.sentOfType('ping'), []);
    page.pass(1);
    assert.equal(page.socket.sentOfType('ping').length, 1);
  });

  it('keeps the connection to a silent gateway that answers pings', () => {
    const page = new ConnectionHarness();
    page.open();
    for (let i = 0; i < 3; i++) {
      page.pass(SILENCE_MS);
      page.socket.receive({ type: 'pong' });
    }
    page.pass(PONG_TIMEOUT_MS);
    assert.equal(page.connection.state, 'open');
    assert.equal(page.socket.sentOfType('ping').length, 3);
  });

  it('reconnects at once on resume', () => {
    const page = new ConnectionHarness();
    page.open();
    page.socket.closeWith(LOST);
    page.connection.resume();
    assert.equal(page.attempts, 2);
  });

  it('abandons on resume an attempt from before the suspension', () => {
    const page = new ConnectionHarness();
    page.connection.open();
    page.pass(STALE_ATTEMPT_MS);
    page.connection.resume();
    assert.equal(page.attempts, 1);
    page.pass(1);
    page.connection.resume();
    assert.equal(page.attempts, 2);
  });

  it('pings an open socket on resume', () => {
    const page = new ConnectionHarness();
    page.open();
    page.connection.resume();
    assert.equal(page.socket.sentOfType('ping').length, 1);
    page.pass(PONG_TIMEOUT_MS);
    assert.equal(page.connection.state, 'waiting');
  });

  it('ignores events of a dropped socket', () => {
    const page = new ConnectionHarness();
    page.open();
    const old = page.socket;
    page.pass(SILENCE_MS + PONG_TIMEOUT_MS);
    page.connection.resume();
    page.socket.welcome();
    old.receive({ type: 'notice', text: 'from the grave' });
    old.closeWith(LOST);
    assert.equal(page.connection.state, 'open');
    assert.deepEqual(
      page.received.map(({ type }) => type),
      ['welcome', 'welcome'],
    );
  });

  it('leaves, reads until the gateway closes, and does not reconnect', () => {
    const page = new ConnectionHarness();
    page.open();
    page.connection.leave();
    page.socket.receive({ type: 'receipt', id: 'a', state: 'heard' });
    page.socket.closeWith(CLOSE.left);
    page.pass(BACKOFF_MAX_MS);
    assert.equal(page.socket.sentOfType('leave').length, 1);
    assert.equal(page.received.at(-1)?.type, 'receipt');
    assert.equal(page.connection.state, 'away');
    assert.equal(page.attempts, 1);
  });

  it('leaves after LEAVE_TIMEOUT_MS if the gateway does not close', () => {
    const page = new ConnectionHarness();
    page.open();
    page.connection.leave();
    page.pass(LEAVE_TIMEOUT_MS);
    assert.equal(page.socket.isClosed, true);
    assert.equal(page.connection.state, 'away');
  });

  it('can be opened again while it leaves', () => {
    const page = new ConnectionHarness();
    page.open();
    page.connection.leave();
    page.connection.open();
    assert.equal(page.attempts, 2);
    assert.equal(page.connection.state, 'connecting');
  });

  it('stops reconnecting when the person leaves while offline', () => {
    const page = new ConnectionHarness();
    page.open();
    page.socket.closeWith(LOST);
    page.connection.leave();
    page.pass(BACKOFF_MAX_MS);
    assert.equal(page.attempts, 1);
  });

  it('reconnects after a restart, and later to a full gateway', () => {
    const page = new ConnectionHarness();
    page.open();
    page.socket.closeWith(CLOSE.restart);
    assert.equal(page.waitForAttempt(), 250);
    page.socket.closeWith(CLOSE.full);
    assert.equal(page.waitForAttempt(), 4000);
  });

  it('backs off longer after a refusal', () => {
    for (const code of [CLOSE.crowded, CLOSE.foreign]) {
      const page = new ConnectionHarness();
      page.open();
      page.socket.closeWith(code);
      assert.equal(page.waitForAttempt(), 4000);
    }
  });

  it('does not reconnect after CLOSE.locked until it is opened again', () => {
    const page = new ConnectionHarness();
    page.open();
    page.socket.closeWith(CLOSE.locked);
    assert.equal(page.connection.state, 'away');
    page.connection.resume();
    page.pass(3_600_000);
    assert.equal(page.attempts, 1);
    page.connection.open();
    assert.equal(page.attempts, 2);
  });

  it('sends bye on suspend', () => {
    const page = new ConnectionHarness();
    page.open();
    page.connection.suspend();
    assert.equal(page.socket.sentOfType('bye').length, 1);
    assert.equal(page.socket.isClosed, true);
  });

  it('ignores data that is no message of the protocol', () => {
    const page = new ConnectionHarness();
    page.open();
    const nonsense = ['{', '[]', 'null', '{"type":"toString"}', '{"type":"receipt"}', 7];
    for (const data of nonsense) page.socket.receiveRaw(data);
    assert.equal(page.received.length, 1);
    assert.equal(page.connection.state, 'open');
  });
});
