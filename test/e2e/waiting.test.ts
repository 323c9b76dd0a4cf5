/**
 * Messages on their way to a room that is frozen or absent.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { startGateway } from '../helpers/gateway.ts';
import { type ChatPage, openBrowser, openPage } from '../helpers/page/browser.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });

interface Scene {
  room: Awaited<ReturnType<typeof builtRoom>>;
  terminal: TcpClient;
  page: ChatPage;
}

/** A room of its own that can be frozen or stopped, and a page in it. */
async function scene(t: TestContext): Promise<Scene> {
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port);
  const terminal = await enter(t, room.port);
  const page = await openPage(browser, gateway.url);
  t.after(() => page.page.context().close());
  return { room, terminal, page };
}

/** Freezes the room. It accepts connections and bytes and handles none, as when a client does not read. */
async function freeze(room: Scene['room']): Promise<void> {
  await room.program.freeze();
}

function wake(room: Scene['room']): void {
  room.program.wake();
}

const withoutFreezing = process.platform === 'win32' && 'a process can not be stopped here';

test('own message shows as being sent at once, and as received once the room repeats it', {
  skip: withoutFreezing,
}, async (t) => {
  const { room, page } = await scene(t);
  await freeze(room);
  await page.send('¿me oís?');
  await page.showsState('¿me oís?', 'Enviando…');
  wake(room);
  await page.showsReceipt('¿me oís?');
  const [mine, ...more] = await page.messages();
  assert.match(mine?.who ?? '', /^Tú, \d+:\d\d$/);
  assert.deepEqual(more, []);
});

test('messages that a frozen room does not repeat are unconfirmed until it wakes', {
  skip: withoutFreezing,
}, async (t) => {
  const { room, terminal, page } = await scene(t);
  await freeze(room);
  await page.send('¿hay alguien?');
  await page.showsState('¿hay alguien?', 'Sin confirmar: quizá no llegó');
  await page.button('Enviar otra vez').waitFor();
  await page.button('Descartar').waitFor();

  wake(room);
  await page.showsReceipt('¿hay alguien?');
  await page.button('Descartar').waitFor({ state: 'detached' });
  await terminal.receives('¿hay alguien?');
  assert.equal((await page.messages()).length, 1);
});

test('unconfirmed messages can be discarded or sent again', { skip: withoutFreezing }, async (t) => {
  const { room, page } = await scene(t);
  await freeze(room);
  for (const words of ['fuera', 'otra vez']) {
    await page.send(words);
    await page.showsState(words, 'Sin confirmar: quizá no llegó');
  }
  await page.message('fuera').getByRole('button', { name: 'Descartar' }).click();
  await page.message('fuera').waitFor({ state: 'detached' });
  await page.message('otra vez').getByRole('button', { name: 'Enviar otra vez' }).click();
  await page.showsState('otra vez', 'Enviando…');
  assert.equal(await page.message('fuera').count(), 0);

  // The room had received them, so sending again repeats the message.
  wake(room);
  await eventually(
    async () => (await page.messages()).length === 3,
    () => 'the page does not show what the room heard',
  );
  assert.deepEqual(
    (await page.messages()).map(({ words }) => words),
    ['fuera', 'otra vez', 'otra vez'],
  );
});

test('messages wait while the room server is down, and are sent in order afterwards', async (t) => {
  const { room, page } = await scene(t);
  await room.program.stop();
  await page.showsStatus('La sala no responde (el servidor TCP está caído)');
  for (const words of ['primero', 'segundo', 'tercero']) {
    await page.send(words);
    await page.showsState(words, 'Pendiente');
  }

  const { program } = await builtRoom(t, 'broadcast', { TCP_PORT: `${room.port}` });
  for (const words of ['primero', 'segundo', 'tercero']) await page.showsReceipt(words);
  await program.prints(/: tercero\n/);
  const said = [...program.output.matchAll(/^Recibido de .*: (\w+)$/gm)].map(([, words]) => words);
  assert.deepEqual(said, ['primero', 'segundo', 'tercero']);
});
