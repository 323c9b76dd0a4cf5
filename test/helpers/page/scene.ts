/**
 * A room with a gateway, a terminal and pages of a browser.
 */
import type { Browser, BrowserContextOptions } from 'playwright-core';
import type { Cleanup } from '../eventually.ts';
import { startGateway } from '../gateway.ts';
import type { builtRoom } from '../room.ts';
import { enter, type TcpClient } from '../tcp.ts';
import { type ChatPage, openPage } from './browser.ts';

export interface Stack {
  room: Awaited<ReturnType<typeof builtRoom>>;
  url: string;
}

export type Open = (options?: BrowserContextOptions) => Promise<ChatPage>;

export interface Scene extends Stack {
  terminal: TcpClient;
  open: Open;
}

export async function startStack(t: Cleanup, room: Stack['room']): Promise<Stack> {
  const { url } = await startGateway(t, room.port);
  return { room, url };
}

/** Returns a function that opens pages and closes them after the test. */
export function pageOpener(t: Cleanup, browser: Browser, url: string): Open {
  return async (options) => {
    const page = await openPage(browser, url, options);
    t.after(() => page.page.context().close());
    return page;
  };
}

export async function enterRoom(t: Cleanup, browser: Browser, place: Stack): Promise<Scene> {
  return {
    ...place,
    terminal: await enter(t, place.room.port),
    open: pageOpener(t, browser, place.url),
  };
}
