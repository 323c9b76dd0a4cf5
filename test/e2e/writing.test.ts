/**
 * Writing in a real browser: commands, completion, what was sent before, pastes.
 */
import assert from 'node:assert/strict';
import { after, describe, type TestContext, test } from 'node:test';
import { type BrowserContext, type BrowserContextOptions, devices, type Locator } from 'playwright-core';
import type { ClientMessage, FailReason } from '../../gateway/protocol.ts';
import { DRAFT_MAX_CHARACTERS, DRAFT_MAX_LINES } from '../../web/composer/pasting.ts';
import { DICTIONARIES } from '../../web/ui/strings.ts';
import { eventually } from '../helpers/eventually.ts';
import { startGateway } from '../helpers/gateway.ts';
import { type ChatPage, openBrowser, openPage, openTab } from '../helpers/page/browser.ts';
import { paste } from '../helpers/page/paste.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });
/** One for all: each test comes into it with a page and a terminal of its own. */
const room = await builtRoom({ after });
const gateway = await startGateway({ after }, room.port, { HISTORY_ENTRIES: '0' });

class Desk {
  readonly chat: ChatPage;
  readonly terminal: TcpClient;

  constructor(chat: ChatPage, terminal: TcpClient) {
    this.chat = chat;
    this.terminal = terminal;
  }

  get input(): Locator {
    return this.chat.composer;
  }

  get list(): Locator {
    return this.chat.page.getByRole('listbox', { name: 'Sugerencias' });
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.input.press(key);
  }

  async type(text: string): Promise<void> {
    await this.input.pressSequentially(text);
  }

  async holds(text: string): Promise<void> {
    let held = '';
    await eventually(
      async () => {
        held = await this.input.inputValue();
        return held === text;
      },
      () => `the input holds ${JSON.stringify(held)}`,
    );
  }

  async offers(...names: (string | RegExp)[]): Promise<void> {
    for (const name of names) await this.list.getByRole('option', { name }).first().waitFor();
  }

  /** The option that the input names as the one that is meant. */
  async selects(name: string): Promise<void> {
    let selected = '';
    await eventually(
      async () => {
        selected = await this.#selected();
        return selected.includes(name);
      },
      () => `${JSON.stringify(selected)} is selected`,
    );
  }

  async offersNothing(): Promise<void> {
    await this.list.waitFor({ state: 'detached' });
    assert.equal(await this.input.getAttribute('aria-activedescendant'), null);
  }

  /** What the room was told by this page, in order, up to a mark that it says last. */
  async said(): Promise<string[]> {
    await this.chat.send('y punto');
    await this.terminal.receives('y punto\n');
    // On a slow machine the room may repeat two messages under one header.
    return this.terminal.received
      .replaceAll(/^\S+ dice: /gm, '')
      .split('\n')
      .slice(0, -2);
  }

  async #selected(): Promise<string> {
    return await this.input.evaluate((input) => {
      const id = input.getAttribute('aria-activedescendant') ?? 'none';
      const option = (input.getRootNode() as ShadowRoot).getElementById(id);
      return option?.ariaSelected === 'true' ? (option.textContent ?? '') : '';
    });
  }
}

async function sitDown(
  t: TestContext,
  options: BrowserContextOptions = {},
  prepare: (context: BrowserContext) => Promise<void> = async () => {},
): Promise<Desk> {
  const terminal = await enter(t, room.port);
  const context = await browser.newContext({ locale: 'es-ES', ...options });
  t.after(() => context.close());
  await prepare(context);
  return new Desk(await openTab(context, gateway.url), terminal);
}

/** A gateway that does not say these words the first time it is asked to. */
function refusing(words: string, reason: FailReason): (context: BrowserContext) => Promise<void> {
  let hasRefused = false;
  return async (context) => {
    await context.routeWebSocket(/\/ws$/, (page) => {
      const gateway = page.connectToServer();
      page.onMessage((frame) => {
        const message: ClientMessage = JSON.parse(String(frame));
        if (hasRefused || message.type !== 'say' || message.text !== words) return gateway.send(frame);
        hasRefused = true;
        page.send(JSON.stringify({ type: 'receipt', id: message.id, state: 'failed', reason }));
      });
    });
  };
}

describe('commands', () => {
  test('/nick gives a name, and the field has it', async (t) => {
    const desk = await sitDown(t);
    await desk.chat.setNickname('<Ana>');
    await desk.chat.alert.filter({ hasText: 'De 1 a 24 caracteres' }).waitFor();
    await desk.chat.send('/nick Ana María');
    await desk.holds('');
    await desk.chat.alert.waitFor({ state: 'hidden' });
    assert.equal(await desk.chat.nickname.inputValue(), 'Ana María');
    await desk.chat.send('hola');
    assert.deepEqual(await desk.said(), ['<Ana María> hola']);
  });

  test('/nick with a bad name or none says so and keeps what was written', async (t) => {
    const desk = await sitDown(t);
    for (const bad of ['/nick', '/nick <Ana>']) {
      await desk.chat.send(bad);
      await desk.chat.alert.filter({ hasText: 'De 1 a 24 caracteres' }).waitFor();
      await desk.holds(bad);
    }
    await desk.input.fill('otra cosa');
    await desk.chat.alert.waitFor({ state: 'hidden' });
  });

  for (const command of ['/salir', '/leave', 'salir']) {
    test(`${command} leaves the room`, async (t) => {
      const desk = await sitDown(t);
      await desk.chat.send(command);
      await desk.chat.farewell.waitFor();
      assert.equal(desk.terminal.received, '');
    });
  }

  for (const command of ['/ayuda', '/help']) {
    test(`${command} opens a sheet with the commands and the keys, and Escape leads back to writing`, async (t) => {
      const desk = await sitDown(t);
      await desk.chat.send(command);
      const help = desk.chat.page.getByRole('dialog', { name: 'Ayuda' });
      for (const row of ['/salir, /leave', '/nick Nombre', '//texto', 'Shift + Enter', ':nombre:']) {
        await desk.chat.page.locator('help-sheet').getByText(row, { exact: true }).waitFor();
      }
      await desk.chat.page.keyboard.press('Escape');
      await help.waitFor({ state: 'detached' });
      await desk.chat.page.keyboard.type('sigo');
      await desk.holds('sigo');
    });
  }

  test('an unknown command is told to be so, stays, and is not sent', async (t) => {
    const desk = await sitDown(t);
    await desk.chat.send('/baila conmigo');
    await desk.chat.alert.filter({ hasText: 'No hay ninguna orden /baila' }).waitFor();
    await desk.holds('/baila conmigo');
    assert.deepEqual(await desk.said(), []);
  });

  test('a doubled slash, a path and pasted code are said as they are', async (t) => {
    const desk = await sitDown(t);
    for (const words of ['//salir', '/etc/passwd', '//uno\n/dos']) await desk.chat.send(words);
    assert.deepEqual(await desk.said(), ['/salir', '/etc/passwd', '//uno', '/dos']);
  });

  test('are offered when a slash is typed, and taken with the keyboard alone', async (t) => {
    const desk = await sitDown(t);
    await desk.type('/');
    await desk.offers('/nick Nombre hablar con ese nombre', /\/salir/, /\/ayuda/);
    await desk.selects('/nick');
    await desk.press('ArrowDown', 'ArrowDown');
    await desk.selects('/ayuda');
    await desk.press('ArrowUp');
    await desk.selects('/salir');
    await desk.press('Tab');
    await desk.holds('/salir');
    await desk.offersNothing();
    await desk.press('Enter');
    await desk.chat.farewell.waitFor();
  });

  test('typed in full are obeyed by the first Enter', async (t) => {
    const desk = await sitDown(t);
    await desk.type('/leav');
    await desk.selects('/leave');
    await desk.type('e');
    await desk.offersNothing();
    await desk.press('Enter');
    await desk.chat.farewell.waitFor();
  });
});

describe('who has spoken', () => {
  test('is offered after an @, by name and by address, the latest first', async (t) => {
    const desk = await sitDown(t);
    desk.terminal.send('<Anselmo> hola\n');
    await desk.chat.shows('hola');
    await desk.type('gracias @');
    await desk.selects('Anselmo');
    await desk.offers(desk.terminal.address);
    await desk.type('ans');
    await desk.press('Tab');
    await desk.holds('gracias @Anselmo ');
    await desk.type(`y @${desk.terminal.address.slice(0, 12)}`);
    await desk.selects('Anselmo');
    await desk.press('Escape');
    await desk.offersNothing();
    await desk.input.fill('ana@anselmo');
    await desk.offersNothing();
  });

  test('is chosen with a finger, and the input keeps the focus', async (t) => {
    const desk = await sitDown(t, devices['Pixel 7']);
    desk.terminal.send('<Anselmo> hola\n');
    await desk.chat.shows('hola');
    await desk.input.tap();
    await desk.type('@');
    const option = desk.list.getByRole('option', { name: 'Anselmo' });
    const box = await option.boundingBox();
    assert.ok(box && box.height >= 44, `${box?.height} px`);
    await option.tap();
    await desk.holds('@Anselmo ');
    assert.ok(await desk.input.evaluate((input) => input.matches(':focus')));
  });
});

describe('emoji', () => {
  test('are offered by their Spanish and English names, from data that is not loaded before', async (t) => {
    const desk = await sitDown(t);
    const asked: string[] = [];
    desk.chat.page.on('request', (request) => asked.push(request.url()));
    await desk.type('bravo ');
    assert.deepEqual(asked, []);
    await desk.type(':tad');
    await desk.selects(':tada:');
    assert.ok(asked.length > 0);
    await desk.press('Tab');
    await desk.holds('bravo 🎉 ');
    await desk.type(':corazon_ro');
    await desk.offers(/:corazon_rojo:/);
    await desk.type('jo:');
    await desk.holds('bravo 🎉 ❤️');
    assert.deepEqual(desk.chat.complaints, []);
  });

  test('leave what is written to Enter, unless an arrow key picked one', async (t) => {
    const desk = await sitDown(t);
    await desk.type('hola :tad');
    await desk.selects(':tada:');
    await desk.press('Enter');
    await desk.holds('');
    await desk.type('hola :tad');
    await desk.selects(':tada:');
    await desk.press('ArrowDown', 'ArrowUp', 'Enter');
    await desk.holds('hola 🎉 ');
    await desk.press('Enter');
    assert.deepEqual(await desk.said(), ['hola :tad', 'hola 🎉']);
  });

  test('can be undone to the name that was written', async (t) => {
    const desk = await sitDown(t);
    await desk.type(':tada:');
    await desk.holds('🎉');
    await desk.press('Control+z');
    await eventually(
      async () => (await desk.input.inputValue()).startsWith(':tada'),
      () => 'the name is not back',
    );
  });

  test('do not disturb faces, times and links', async (t) => {
    const desk = await sitDown(t);
    await desk.type(':tad');
    await desk.offers(/:tada:/);
    await desk.input.fill('');
    const words = 'a las 10:30 :) en http://example.org/a:b :D std::vector ';
    await desk.type(words.trimEnd());
    await desk.offersNothing();
    await desk.press('Enter');
    assert.deepEqual(await desk.said(), [words.trimEnd()]);
  });
});

for (const [engine, init] of Object.entries({
  Chromium: { key: 'Enter', isComposing: true },
  Safari: { key: 'Enter', keyCode: 229 },
})) {
  test(`Enter of an input method keeps the focus and sends nothing, as ${engine} reports it`, async (t) => {
    const desk = await sitDown(t);
    await desk.input.fill('hola');
    for (const field of [desk.chat.nickname, desk.input]) {
      await field.focus();
      await field.evaluate((input, init) => {
        input.dispatchEvent(
          new KeyboardEvent('keydown', { ...init, bubbles: true, composed: true, cancelable: true }),
        );
      }, init);
      assert.ok(await field.evaluate((input) => input.matches(':focus')));
    }
    await desk.holds('hola');
    await desk.chat.nickname.press('Enter');
    assert.ok(await desk.input.evaluate((input) => input.matches(':focus')));
  });
}

test('up and down walk through what was sent, from an empty input and back to it', async (t) => {
  const desk = await sitDown(t);
  for (const words of ['uno', 'dos', '/nick Ana']) await desk.chat.send(words);
  await desk.press('ArrowUp');
  await desk.holds('/nick Ana');
  await desk.press('ArrowUp', 'ArrowUp', 'ArrowUp');
  await desk.holds('uno');
  await desk.press('ArrowDown');
  await desk.holds('dos');
  await desk.type('!');
  await desk.press('ArrowUp');
  await desk.holds('dos!');
  await desk.input.fill('uno');
  await desk.press('ArrowUp');
  await desk.holds('uno');
});

test('a draft outlives a reload', async (t) => {
  const desk = await sitDown(t);
  await desk.input.fill('a medias\ny más');
  await desk.chat.page.reload();
  await desk.chat.address();
  await desk.holds('a medias\ny más');
});

test('the input grows with its lines, to a limit, and shrinks when they are sent', async (t) => {
  const desk = await sitDown(t);
  const height = async () => (await desk.input.boundingBox())?.height ?? 0;
  const empty = await height();
  await desk.input.fill('uno\ndos\ntres');
  const three = await height();
  assert.ok(three > empty + 30, `${three} is not more than ${empty}`);
  await desk.input.fill('línea\n'.repeat(40));
  assert.ok((await height()) < 250);
  await desk.input.fill('uno\ndos\ntres');
  await desk.press('Enter');
  await eventually(
    async () => (await height()) === empty,
    () => 'the input stays high',
  );
});

/** Returns how often the page was laid out since. */
async function layoutCounter(chat: ChatPage): Promise<() => Promise<number>> {
  const session = await chat.page.context().newCDPSession(chat.page);
  await session.send('Performance.enable');
  const layouts = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'LayoutCount')?.value ?? Number.NaN;
  };
  const before = await layouts();
  return async () => (await layouts()) - before;
}

describe('a paste of many lines', () => {
  const LINES = ['uno', 'dos', '', 'tres', 'cuatro', 'cinco'];

  async function pasted(t: TestContext, before = ''): Promise<Desk & { question: Locator }> {
    const desk = await sitDown(t);
    await desk.input.fill(before);
    await paste(desk.input, LINES.join('\r\n'));
    const question = desk.chat.page.getByRole('dialog', { name: 'Vas a pegar 5 líneas' });
    await question.getByText('uno\ndos\ntres\ncuatro\n…').waitFor();
    return Object.assign(desk, { question });
  }

  test('asks first, and sends a message for each when told to', async (t) => {
    const desk = await pasted(t);
    assert.equal(desk.terminal.received, '');
    await desk.question.getByRole('button', { name: 'Enviar 5 mensajes' }).click();
    assert.deepEqual(await desk.said(), ['uno', 'dos', 'tres', 'cuatro', 'cinco']);
  });

  test('can be put into the input, where one sees it', async (t) => {
    const desk = await pasted(t, 'mira: ');
    await desk.question.getByRole('button', { name: 'Pegar sin enviar' }).click();
    await desk.holds(`mira: ${LINES.join('\n')}`);
    assert.ok(await desk.input.evaluate((input) => input.matches(':focus')));
  });

  test('can be joined into one line', async (t) => {
    const desk = await pasted(t, 'mira: ');
    await desk.question.getByRole('button', { name: 'Juntar en una línea' }).click();
    await desk.holds('mira: uno dos tres cuatro cinco');
  });

  for (const way of ['Escape', 'Cancelar']) {
    test(`is not pasted after ${way}`, async (t) => {
      const desk = await pasted(t, 'mira: ');
      if (way === 'Escape') await desk.chat.page.keyboard.press('Escape');
      else await desk.question.getByRole('button', { name: way }).click();
      await desk.question.waitFor({ state: 'detached' });
      await desk.holds('mira: ');
      assert.ok(await desk.input.evaluate((input) => input.matches(':focus')));
      assert.deepEqual(await desk.said(), []);
    });
  }

  test('is laid out as one change, not line by line, and can be undone', async (t) => {
    const desk = await sitDown(t);
    await desk.input.fill('mira: ');
    const text = Array.from({ length: DRAFT_MAX_LINES }, (_, i) => `<${i}> & más`).join('\n');
    await paste(desk.input, text);
    const layouts = await layoutCounter(desk.chat);
    await desk.chat.button('Pegar sin enviar').click();
    await desk.holds(`mira: ${text}`);
    const count = await layouts();
    assert.ok(count < DRAFT_MAX_LINES / 10, `${count} layouts`);
    await desk.press('Control+z');
    await desk.holds('mira: ');
  });

  test('is refused with the limit when it is too much, and what was written stays', async (t) => {
    const desk = await sitDown(t);
    await desk.input.fill('mira: ');
    await paste(desk.input, '\n'.repeat(30_000));
    await desk.chat.alert.filter({ hasText: `serían 30000 líneas, y caben ${DRAFT_MAX_LINES}` }).waitFor();
    await paste(desk.input, 'x\n'.repeat(2_500_000));
    await desk.chat.alert
      .filter({ hasText: `serían 5000006 caracteres, y caben ${DRAFT_MAX_CHARACTERS}` })
      .waitFor();
    await desk.holds('mira: ');
    await desk.press('End');
    await desk.type('sí');
    await desk.chat.alert.waitFor({ state: 'hidden' });
    await desk.press('Enter');
    assert.deepEqual(await desk.said(), ['mira: sí']);
  });

  test('is not asked about when they are few', async (t) => {
    const desk = await sitDown(t);
    await paste(desk.input, 'uno\ndos\ntres\n');
    await desk.holds('uno\ndos\ntres\n');
  });
});

describe('words that were not said', () => {
  for (const reason of ['empty', 'too-long', 'left'] as const) {
    test(`say why (${reason}), and can be sent again or dropped`, async (t) => {
      const desk = await sitDown(t, {}, refusing('a ver', reason));
      await desk.chat.send('a ver');
      await desk.chat.showsState('a ver', DICTIONARIES.es.failed[reason]);
      await desk.chat.button('Descartar').waitFor();
      await desk.chat.button('Enviar otra vez').click();
      await desk.chat.showsReceipt('a ver');
      assert.deepEqual(await desk.said(), ['a ver']);
    });
  }

  test('are gone for ever when they are dropped', async (t) => {
    const desk = await sitDown(t, {}, refusing('mejor no', 'left'));
    await desk.chat.send('mejor no');
    await desk.chat.button('Descartar').click();
    await desk.chat.message('mejor no').waitFor({ state: 'detached' });
    await desk.chat.page.reload();
    await desk.chat.address();
    assert.deepEqual(await desk.said(), []);
    assert.equal(await desk.chat.message('mejor no').count(), 0);
  });

  test('go out by themselves when the gateway was only closing', async (t) => {
    const desk = await sitDown(t, {}, refusing('a ver', 'closing'));
    await desk.chat.send('a ver');
    await desk.chat.showsReceipt('a ver');
    assert.deepEqual(await desk.said(), ['a ver']);
  });
});

test('on a phone Enter sends, a button begins another line, and all that is touched is 44 pixels', async (t) => {
  const desk = await sitDown(t, devices['Pixel 7']);
  assert.equal(await desk.input.getAttribute('enterkeyhint'), 'send');
  await desk.input.tap();
  await desk.type('uno');
  const newLine = desk.chat.button('Otra línea');
  await newLine.tap();
  assert.ok(await desk.input.evaluate((input) => input.matches(':focus')));
  await desk.type('dos');
  await desk.holds('uno\ndos');
  for (const target of [newLine, desk.chat.button('Enviar'), desk.input]) {
    const box = await target.boundingBox();
    assert.ok(box && box.width >= 44 && box.height >= 44, JSON.stringify(box));
  }
  await desk.press('Enter');
  assert.deepEqual(await desk.said(), ['uno', 'dos']);
});

test('in English the commands are English and so is what is said of them', async (t) => {
  const { chat } = await sitDown(t, { locale: 'es-ES' });
  const page = await openPage(browser, chat.page.url(), { locale: 'en-GB' });
  t.after(() => page.page.context().close());
  const input = page.page.getByRole('textbox', { name: 'Message' });
  await input.pressSequentially('/');
  const list = page.page.getByRole('listbox', { name: 'Suggestions' });
  await list.getByRole('option', { name: '/leave' }).waitFor();
  assert.deepEqual(await list.locator('.label').allTextContents(), ['/nick Name', '/leave', '/help']);
  await input.fill('/dance');
  await input.press('Enter');
  await page.alert.filter({ hasText: 'There is no command /dance' }).waitFor();
  await input.fill('/help');
  await input.press('Enter');
  await page.page.getByRole('dialog', { name: 'Help' }).waitFor();
  await page.page.locator('help-sheet').getByText('Commands', { exact: true }).waitFor();
});
