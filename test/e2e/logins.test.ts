/**
 * The page in a room with logins: it asks for a name, shows the name that the room accepts, and logs in anew.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { startGateway } from '../helpers/gateway.ts';
import { findings } from '../helpers/page/axe.ts';
import { ChatPage, openBrowser } from '../helpers/page/browser.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';
import { standIn, withoutStandIn } from '../servers/stand-in.ts';

const skip = withoutStandIn('submitname');
const browser = await openBrowser({ after });

/** A phone in dark mode. */
const PHONE = { viewport: { width: 360, height: 640 }, colorScheme: 'dark' } as const;

async function enterAs(t: Parameters<typeof enter>[0], port: number, name: string): Promise<TcpClient> {
  const terminal = await enter(t, port);
  terminal.send(`${name}\n`);
  await terminal.receives(`NAMEACCEPTED ${name}`);
  return terminal;
}

async function isAccessible({ page }: ChatPage): Promise<void> {
  assert.deepEqual(await findings(page), []);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= PHONE.viewport.width);
}

test('page asks for a name, shows the one that the room accepts, and logs in anew with another', {
  skip,
}, async (t) => {
  const server = await standIn(t, 'submitname');
  const { url } = await startGateway(t, server.port, { ROOM_FORMAT: 'submitname' });
  const terminal = await enterAs(t, server.port, 'Ana');
  const context = await browser.newContext({ locale: 'es-ES', ...PHONE });
  t.after(() => context.close());
  const page = new ChatPage(await context.newPage());
  await page.page.goto(url);

  await page.showsStatus('Esta sala pide un nombre: escribe el tuyo para entrar');
  await isAccessible(page);

  // The terminal has this name, so that the room accepts another.
  await page.setNickname('Ana');
  await page.nickname.press('Enter');
  await page.log.getByText('En la sala te llamas Ana-2').waitFor();
  await eventually(
    async () => (await page.nickname.inputValue()) === 'Ana-2',
    () => 'the field does not show the name in the room',
  );
  await page.address();
  await page.send('hola desde el móvil');
  await page.showsReceipt('hola desde el móvil');
  await terminal.receives('MESSAGE Ana-2: hola desde el móvil\n');

  // The room's own lines are notes without a sender. Terminals have their names.
  const paco = await enterAs(t, server.port, 'Paco');
  await page.log.getByText('Paco has joined').waitFor();
  assert.equal(await page.message('Paco has joined').count(), 0);
  paco.send('buenas\n');
  await page.shows('buenas');
  assert.match((await page.message('buenas').textContent()) ?? '', /Paco/);
  await isAccessible(page);

  // The room sees no name that is not complete.
  await page.nickname.fill('');
  await page.nickname.pressSequentially('Inés');
  await page.nickname.press('Enter');
  await terminal.receives('MESSAGE Ana-2 has left\n');
  await terminal.receives('MESSAGE Inés has joined\n');
  await page.send('ahora soy otra');
  await page.showsReceipt('ahora soy otra');
  await terminal.receives('MESSAGE Inés: ahora soy otra\n');
  assert.doesNotMatch(terminal.received, /MESSAGE (I|In|Iné) /);
  assert.equal(await page.log.getByText('La sala dejó de responder').count(), 0);
});
