/**
 * A visit without a mouse: all is opened, used and left by keys, the focus is always seen, and goes back to where it
 * came from.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { type Gateway, startGateway } from '../helpers/gateway.ts';
import { ChatPage, openBrowser, openPage } from '../helpers/page/browser.ts';
import { focused } from '../helpers/page/focus.ts';
import { paste } from '../helpers/page/paste.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

type Room = Awaited<ReturnType<typeof builtRoom>>;

const browser = await openBrowser({ after });
/** One for all who do not freeze it: each test comes into it with a page and a terminal of its own. */
const shared = await builtRoom({ after });
const gateway = await startGateway({ after }, shared.port);

/** More presses of Tab than lead once around any part of the page. */
const TABS = 60;

const withoutFreezing = process.platform === 'win32' && 'a process can not be stopped here';

class Keys {
  readonly page: ChatPage;
  readonly terminal: TcpClient;

  constructor(page: ChatPage, terminal: TcpClient) {
    this.page = page;
    this.terminal = terminal;
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.page.keyboard.press(key);
  }

  async type(text: string): Promise<void> {
    await this.page.page.keyboard.type(text);
  }

  /** The focus is there in the end, and seen. */
  async isAt(name: string | RegExp): Promise<void> {
    let at = { name: '', shows: false };
    await eventually(
      async () => {
        at = await focused(this.page);
        return isNamed(at.name, name);
      },
      () => `the focus is on ${JSON.stringify(at.name)}, not on ${name}`,
    );
    assert.ok(at.shows, `the focus on ${at.name} can't be seen`);
  }

  /** On with Tab (or back) until the focus is there; all on the way shows where it is. */
  async goTo(name: string | RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
    const passed: string[] = [];
    for (let i = 0; i < TABS; i++) {
      const at = await focused(this.page);
      if (at.name !== '' && isNamed(at.name, name)) return await this.isAt(name);
      if (i > 0 && at.name !== '') assert.ok(at.shows, `the focus on ${at.name} can't be seen`);
      passed.push(at.name);
      await this.press(key);
    }
    assert.fail(`${name} is not reached, only ${passed.join(', ')}`);
  }

  /** Reading starts at the heading, which is nothing to press: it alone has no ring. */
  async opens(dialog: string): Promise<void> {
    await this.page.page.getByRole('dialog', { name: dialog }).waitFor();
    assert.deepEqual(await focused(this.page), { name: dialog, shows: false });
    await this.page.page.locator('side-sheet > :not(dialog)').waitFor();
  }

  async isClosed(): Promise<void> {
    await this.page.page.getByRole('dialog').waitFor({ state: 'detached' });
  }
}

function isNamed(name: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? name === wanted : wanted.test(name);
}

async function sitDown(t: TestContext, room: Room = shared, { url }: Gateway = gateway): Promise<Keys> {
  const terminal = await enter(t, room.port);
  const page = await openPage(browser, url);
  t.after(() => page.page.context().close());
  const words = `agua para ${terminal.address}`;
  terminal.send(`${words}\nhola\n`);
  await page.shows(words);
  return new Keys(page, terminal);
}

test('the sheet of people is opened by keys, mentions somebody, and closes to where it came from', async (t) => {
  const keys = await sitDown(t);
  for (const close of ['Escape', 'Cerrar']) {
    await keys.goTo('Quién está');
    await keys.press('Enter');
    await keys.opens('Quién está');
    if (close === 'Cerrar') await keys.goTo('Cerrar');
    await keys.press(close === 'Cerrar' ? 'Enter' : 'Escape');
    await keys.isClosed();
    await keys.isAt('Quién está');
  }
  await keys.press('Enter');
  await keys.opens('Quién está');
  await keys.goTo(new RegExp(keys.terminal.address));
  await keys.press('Enter');
  await keys.isClosed();
  await keys.isAt('Mensaje');
  assert.match(await keys.page.composer.inputValue(), new RegExp(`@${keys.terminal.address}`));
});

test('the invite sheet is opened by keys, its lines are copied, and it closes to where it came from', async (t) => {
  const keys = await sitDown(t);
  await keys.goTo('Invitar');
  await keys.press('Space');
  await keys.opens('Invitar');
  await keys.goTo('Copiar: websocat');
  await keys.press('Enter');
  await keys.page.status.filter({ hasText: /Copiado|Está seleccionado/ }).waitFor();
  await keys.press('Escape');
  await keys.isClosed();
  await keys.isAt('Invitar');
});

/** What is done with the keys alone in the sheets that the menu opens. */
const FROM_MENU: Record<string, (keys: Keys) => Promise<void>> = {
  Ajustes: async (keys) => {
    await keys.page.page.getByRole('radio', { name: 'Los del sistema' }).waitFor();
    for (let i = 0; i < TABS && !(await checkedIsFocused(keys)); i++) await keys.press('Tab');
    await keys.press('ArrowRight');
    await eventually(
      () => keys.page.page.evaluate(() => document.documentElement.dataset.theme === 'light'),
      () => 'the page is not light',
    );
  },
  Ayuda: async (keys) => {
    await keys.page.page.getByRole('heading', { name: 'Teclas' }).waitFor();
  },
};

async function checkedIsFocused({ page: { page } }: Keys): Promise<boolean> {
  return await page.getByRole('radio', { name: 'Los del sistema' }).evaluate((one) => one.matches(':focus'));
}

for (const [sheet, use] of Object.entries(FROM_MENU)) {
  test(`the menu is opened by keys, and leads to ${sheet} and back`, async (t) => {
    const keys = await sitDown(t);
    await keys.goTo('Más');
    await keys.press('Enter');
    await keys.goTo(sheet);
    await keys.press('Enter');
    await keys.opens(sheet);
    await use(keys);
    await keys.press('Escape');
    await keys.isClosed();
    await keys.isAt('Más');
  });
}

test('the menu is left by Escape to its button', async (t) => {
  const keys = await sitDown(t);
  await keys.goTo('Más');
  await keys.press('Enter');
  await keys.goTo('Descargar como texto');
  await keys.press('Escape');
  await keys.isAt('Más');
  await keys.page.button('Ajustes').waitFor({ state: 'hidden' });
});

test('the search is opened by keys, leads to what it found, and closes to where it came from', async (t) => {
  const keys = await sitDown(t);
  keys.terminal.send('un vermut, por favor\n');
  await keys.page.shows('un vermut, por favor');
  await keys.goTo('Buscar');
  await keys.press('Enter');
  await keys.isAt('Buscar en la conversación');
  await keys.press('Escape');
  await keys.isAt('Buscar');

  await keys.goTo('Conversación');
  await keys.press('/');
  await keys.isAt('Buscar en la conversación');
  await keys.press('Escape');
  await keys.isAt('Conversación');

  await keys.press('ControlOrMeta+k');
  await keys.isAt('Buscar en la conversación');
  await keys.type('vermut');
  await keys.page.page.locator('search-panel mark').waitFor();
  await keys.goTo(/vermut, por favor/);
  await keys.press('Enter');
  await keys.page.page.locator('chat-message.found').waitFor();
  await keys.isAt('Conversación');
  await keys.press('Escape');
  await keys.isAt('Mensaje');
});

test('a completion and the question about a paste are answered by keys, and give the focus back', async (t) => {
  const keys = await sitDown(t);
  await keys.goTo('Mensaje');
  await keys.type('/ni');
  await keys.page.page.getByRole('option', { name: /nick/ }).waitFor();
  await keys.press('Tab');
  await keys.isAt('Mensaje');
  assert.equal(await keys.page.composer.inputValue(), '/nick ');
  await keys.press('ControlOrMeta+a', 'Delete');

  for (const way of ['Cancelar', 'Juntar en una línea']) {
    await paste(keys.page.composer, 'uno\ndos\ntres\ncuatro\ncinco');
    await keys.page.page.getByRole('dialog').waitFor();
    await keys.goTo(way);
    await keys.press('Enter');
    await keys.isClosed();
    await keys.isAt('Mensaje');
  }
  await eventually(
    async () => (await keys.page.composer.inputValue()) === 'uno dos tres cuatro cinco',
    () => 'the lines are not in the message, as one',
  );
});

test('words in doubt are sent again and dropped by keys, and the focus is on the message then', {
  skip: withoutFreezing,
}, async (t) => {
  const room = await builtRoom(t);
  const keys = await sitDown(t, room, await startGateway(t, room.port));
  room.program.signal('SIGSTOP');
  t.after(() => room.program.signal('SIGCONT'));
  for (const way of ['Descartar', 'Enviar otra vez']) {
    await keys.goTo('Mensaje');
    await keys.type(way);
    await keys.press('Enter');
    await keys.page.button(way).waitFor();
    await keys.goTo(way, 'Shift+Tab');
    await keys.press('Enter');
    await keys.isAt('Mensaje');
  }
  await keys.page.showsState('Enviar otra vez', 'Enviando…');
  assert.equal(await keys.page.message('Descartar').count(), 0);
});

test('where much is said one key leads away from the newest, and what comes meanwhile does not lead back', async (t) => {
  const room = await builtRoom(t);
  const keys = await sitDown(t, room, await startGateway(t, room.port));
  const { log, pill } = keys.page;
  keys.terminal.send(`${'palabras\n'.repeat(100)}muchas\n`);
  await keys.page.shows('muchas');
  let said = 0;
  const talking = setInterval(() => keys.terminal.send(`n-${++said};\n`), 5);
  t.after(() => clearInterval(talking));
  const saysMore = async (): Promise<void> => {
    const end = said + 200;
    await eventually(
      () => said >= end,
      () => `said ${said} of ${end}`,
    );
  };
  for (const key of ['Home', 'PageUp', 'ArrowUp']) {
    await log.focus();
    await keys.press(key);
    await pill.waitFor();
    await saysMore();
    assert.ok(await pill.isVisible(), `${key} led away for a moment only`);
    await keys.press('End');
    await pill.waitFor({ state: 'detached' });
  }
});

test('the room is left and entered again by keys', async (t) => {
  const keys = await sitDown(t);
  await keys.goTo('Más');
  await keys.press('Enter');
  await keys.goTo('Salir');
  await keys.press('Enter');
  await keys.page.farewell.waitFor();
  await keys.goTo('Volver');
  await keys.press('Enter');
  await keys.isAt('Mensaje');
  await keys.type('otra vez aquí');
  await keys.press('Enter');
  await keys.terminal.receives('otra vez aquí');
});

test('the passphrase is given by keys: a wrong one can be written over, the right one leads to the message', async (t) => {
  const room = await builtRoom(t);
  const { url } = await startGateway(t, room.port, { ACCESS_CODE: 'vermut' });
  const context = await browser.newContext({ locale: 'es-ES' });
  t.after(() => context.close());
  const page = new ChatPage(await context.newPage());
  await page.page.goto(url);
  const keys = new Keys(page, await enter(t, room.port));
  await keys.isAt('Contraseña de la sala');
  await keys.type('jerez');
  await keys.press('Enter');
  await page.alert.filter({ hasText: 'Esa no es.' }).waitFor();
  await keys.isAt('Contraseña de la sala');
  await keys.type('vermut');
  await keys.goTo('Entrar');
  await keys.press('Enter');
  await keys.isAt('Mensaje');
});
