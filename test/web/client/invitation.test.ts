import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Invitation } from '../../../gateway/protocol.ts';
import { addressesFor, fetchInvitation, terminalLines } from '../../../web/client/invitation.ts';

const LAN = ['http://192.168.1.20:8080', 'http://10.0.0.7:8080'];

function invitation(more: Partial<Invitation> = {}): Invitation {
  return { publicUrl: null, lanUrls: LAN, room: { host: null, port: 12_345 }, asksForCode: false, ...more };
}

function from(page: string, more?: Partial<Invitation>): string[] {
  return addressesFor(invitation(more), new URL(page));
}

describe('invitation', () => {
  it('lists the network addresses when the page is open as localhost', () => {
    for (const host of ['localhost', '127.0.0.1', '[::1]'])
      assert.deepEqual(from(`http://${host}:8080/`), LAN);
  });

  it("lists the page's own address first if it is a network address", () => {
    assert.deepEqual(from('http://10.0.0.7:8080/'), LAN.toReversed());
  });

  it("lists only the page's own address if it is no network address", () => {
    assert.deepEqual(from('https://chat.example.org/?q'), ['https://chat.example.org']);
    assert.deepEqual(from('http://192.168.1.20/'), ['http://192.168.1.20']);
  });

  it('includes the path under which a proxy serves the page', () => {
    assert.deepEqual(from('https://example.org/charla/?q#x'), ['https://example.org/charla/']);
    assert.equal(lines('https://example.org/charla/').websocat, 'websocat wss://example.org/charla/ws');
    assert.equal(lines('https://example.org/charla/').nc, 'nc example.org 12345');
  });

  it('lists only PUBLIC_URL if the operator set one', () => {
    const publicUrl = 'https://chat.example.org';
    assert.deepEqual(from('http://localhost:8080/', { publicUrl }), [publicUrl]);
    assert.deepEqual(from('http://10.0.0.7:8080/', { publicUrl }), [publicUrl]);
  });

  it('lists no address if only this device can join', () => {
    assert.deepEqual(from('http://localhost:8080/', { lanUrls: [] }), []);
  });
});

/** The commands by program, for a page at this URL. */
function lines(url: string, more?: Partial<Invitation>): Record<string, string> {
  return Object.fromEntries(terminalLines(url, invitation(more)).map(({ program, line }) => [program, line]));
}

describe('terminal commands', () => {
  it("connect to the page's host", () => {
    const { nc, ncat, telnet, Python, PowerShell, websocat, wscat } = lines('http://192.168.1.20:8080');
    assert.equal(nc, 'nc 192.168.1.20 12345');
    assert.equal(ncat, 'ncat 192.168.1.20 12345');
    assert.equal(telnet, 'telnet 192.168.1.20 12345');
    assert.match(Python ?? '', /\('192\.168\.1\.20',12345\)/);
    assert.match(PowerShell ?? '', /\('192\.168\.1\.20',12345\)/);
    assert.equal(websocat, 'websocat ws://192.168.1.20:8080/ws');
    assert.equal(wscat, 'npx wscat -c ws://192.168.1.20:8080/ws');
  });

  it("connect to the room's host if it is another machine", () => {
    const { nc, websocat } = lines('https://chat.example.org', { room: { host: '192.0.2.7', port: 4000 } });
    assert.equal(nc, 'nc 192.0.2.7 4000');
    assert.equal(websocat, 'websocat wss://chat.example.org/ws');
  });

  it('have no brackets around an IPv6 address', () => {
    assert.equal(lines('http://[2001:db8::1]:8080').nc, 'nc 2001:db8::1 12345');
  });

  it('contain no character that a shell expands', () => {
    const code = /^python3 -c "(.*)"$/.exec(lines('http://192.168.1.20:8080').Python ?? '')?.[1];
    assert.doesNotMatch(code ?? '"', /["$`!%]/);
  });
});

it('invitation request rejects an invalid answer', async () => {
  assert.deepEqual(await fetchInvitation(async () => invitation()), invitation());
  for (const answer of [
    null,
    {},
    { ...invitation(), lanUrls: [1] },
    { ...invitation(), room: { port: 1 } },
    { ...invitation(), asksForCode: undefined },
  ]) {
    await assert.rejects(
      fetchInvitation(async () => answer),
      /not an invitation/,
    );
  }
});
