/**
 * A visit without a mouse. Everything opens, works and closes by keys, the focus is always visible, and it returns to
 * where it came from.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { eventually } from '../helpers/eventually.ts';
import { type Gateway, startGateway } from '../helpers/gateway.ts';
import { ChatPage, openBrowser, openPage } from '../helpers/page/browser.ts';
import { focused } from '../helpers/page/focus.ts';
import { isReachable } from '../helpers/page/invite.ts';
import { paste } from '../helpers/page/paste.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

type Room = Awaited<ReturnType<typeof builtRoom>>;

const browser = await openBrowser({ after });
/** The fixture of the tests that do not freeze it. Each test opens a page and a terminal of its own. */
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

  /** Waits until the focus is there and visible. */
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

  /** Presses Tab (or Shift+Tab) until the focus is there, and checks that it is visible on the way. */
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

  /** The code of the menu loads after the first screen. */
  async openMenu(): Promise<void> {
    await this.goTo('Más');
    await this.press('Enter');
    await this.page.button('Ajustes').waitFor();
  }

  /** The heading has no ring, because reading starts there and it can not be pressed. */
  async opens(dialog: string): Promise<void> {
    await this.page.page.getByRole('dialog', { name: dialog }).waitFor();
    assert.deepEqual(await focused(this.page), { name: dialog, shows: false });
    await this.page.page.locator('side-sheet .content > :not(.part)').waitFor();
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

test('people sheet opens by keys, mentions a person, and returns the focus', async (t) => {
  const keys = await sitDown(t);
  for (const close of ['Escape', 'Cerrar']) {
    await keys.goTo('Quién está aquí');
    await keys.press('Enter');
    await keys.opens('Quién está aquí');
    if (close === 'Cerrar') await keys.goTo('Cerrar');
    await keys.press(close === 'Cerrar' ? 'Enter' : 'Escape');
    await keys.isClosed();
    await keys.isAt('Quién está aquí');
  }
  await keys.press('Enter');
  await keys.opens('Quién está aquí');
  await keys.goTo(new RegExp(keys.terminal.address));
  await keys.press('Enter');
  await keys.isClosed();
  await keys.isAt('Mensaje');
  await keys.page.holds(`@${keys.terminal.address} `);
});

test('invite sheet opens by keys, copies its lines, and returns the focus', async (t) => {
  const keys = await sitDown(t);
  await isReachable(keys.page.page);
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

/** Actions with the keys alone in the sheets that the menu opens. */
const FROM_MENU: Record<string, (keys: Keys) => Promise<void>> = {
  Ajustes: async (keys) => {
    await themeOfSystem(keys).waitFor();
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

function themeOfSystem({ page: { page } }: Keys): Locator {
  return page.getByRole('group', { name: 'Tema' }).getByRole('radio', { name: 'Automático' });
}

async function checkedIsFocused(keys: Keys): Promise<boolean> {
  return await themeOfSystem(keys).evaluate((one) => one.matches(':focus'));
}

for (const [sheet, use] of Object.entries(FROM_MENU)) {
  test(`menu opens by keys and leads to ${sheet} and back`, async (t) => {
    const keys = await sitDown(t);
    await keys.openMenu();
    await keys.goTo(sheet);
    await keys.press('Enter');
    await keys.opens(sheet);
    await use(keys);
    await keys.press('Escape');
    await keys.isClosed();
    await keys.isAt('Más');
  });
}

test('Escape closes the menu and returns the focus to its button', async (t) => {
  const keys = await sitDown(t);
  await keys.openMenu();
  await keys.goTo('Guardar o imprimir');
  await keys.press('Escape');
  await keys.isAt('Más');
  await keys.page.button('Ajustes').waitFor({ state: 'hidden' });
});

test('Escape closes the menu of a message and returns the focus to the message', async (t) => {
  const keys = await sitDown(t);
  const name = new RegExp(keys.terminal.address);
  await keys.page.openMenuOf(keys.page.log.getByRole('article', { name }).last());
  await keys.press('ArrowDown');
  await keys.isAt('Citar');
  await keys.press('Escape');
  await keys.page.page.getByRole('menu').waitFor({ state: 'detached' });
  await keys.page.log.getByRole('article', { name }).and(keys.page.page.locator(':focus')).waitFor();
});

test('search opens by keys, leads to a result, and returns the focus', async (t) => {
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
  // The message is on the last screen of the log, so nothing leads to its end.
  await keys.page.isAtNewest();
  await keys.isAt('Conversación');
  await keys.press('Escape');
  await keys.isAt('Mensaje');
});

test('completion and paste question are answered by keys and return the focus', async (t) => {
  const keys = await sitDown(t);
  await keys.goTo('Mensaje');
  await keys.type('/ni');
  await keys.page.page.getByRole('option', { name: /nick/ }).waitFor();
  await keys.press('Tab');
  await keys.isAt('Mensaje');
  await keys.page.holds('/nick ');
  await keys.press('ControlOrMeta+a', 'Delete');

  for (const way of ['Cancelar', 'Unir en una línea']) {
    await paste(keys.page.composer, 'uno\ndos\ntres\ncuatro\ncinco');
    await keys.page.page.getByRole('dialog').waitFor();
    await keys.goTo(way);
    await keys.press('Enter');
    await keys.isClosed();
    await keys.isAt('Mensaje');
  }
  await keys.page.holds('uno dos tres cuatro cinco');
});

test('unconfirmed message is sent again or dropped by keys, and keeps the focus', {
  skip: withoutFreezing,
}, async (t) => {
  const room = await builtRoom(t);
  const keys = await sitDown(t, room, await startGateway(t, room.port));
  await room.program.freeze();
  t.after(() => room.program.wake());
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

test('one key leads away from the newest of a busy log, and new messages do not lead back', async (t) => {
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

test('a key leads away from the newest while the rows above it are still being drawn', async (t) => {
  const keys = await sitDown(t);
  const { log, pill } = keys.page;
  keys.terminal.send(`${'palabras\n'.repeat(200)}muchas\n`);
  await keys.page.shows('muchas');
  await log.focus();
  await eventually(
    async () => {
      await keys.press('Home');
      return (await keys.page.message('muchas').count()) === 0;
    },
    () => 'the newest message is still drawn',
  );
  // The next key comes before the log can scroll, and the test goes on once it can.
  await log.evaluate(async (scroller) => {
    for (const { key, scrolls } of [
      { key: 'End', scrolls: false },
      { key: 'ArrowUp', scrolls: true },
    ]) {
      scroller.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true }));
      while (scroller.scrollHeight > scroller.clientHeight !== scrolls)
        await new Promise((resolve) => setTimeout(resolve));
    }
  });
  await pill.waitFor();
  await keys.page.positionOf('muchas');
  assert.ok(await pill.isVisible(), 'the page went back to the newest');
});

test('room is left and entered again by keys', async (t) => {
  const keys = await sitDown(t);
  await keys.openMenu();
  await keys.goTo('Salir');
  await keys.press('Enter');
  await keys.page.farewell.waitFor();
  await keys.goTo('Volver a entrar');
  await keys.press('Enter');
  await keys.isAt('Mensaje');
  await keys.type('otra vez aquí');
  await keys.press('Enter');
  await keys.terminal.receives('otra vez aquí');
});

test('passphrase is typed, corrected and accepted by keys alone', async (t) => {
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
  await page.alert.filter({ hasText: 'Contraseña incorrecta' }).waitFor();
  await keys.isAt('Contraseña de la sala');
  await keys.type('vermut');
  await keys.goTo('Entrar');
  await keys.press('Enter');
  await keys.isAt('Mensaje');
});
