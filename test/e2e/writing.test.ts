/**
 * The composer: commands, completion, input history, pastes.
 */
import assert from 'node:assert/strict';
import { after, describe, type TestContext, test } from 'node:test';
import type { BrowserContext, BrowserContextOptions, Locator } from 'playwright-core';
import type { ClientMessage, FailReason } from '../../gateway/protocol.ts';
import { devices } from '../../scripts/lib/playwright.ts';
import { DRAFT_MAX_CHARACTERS, DRAFT_MAX_LINES } from '../../web/composer/paste-limits.ts';
import { LAZY_STRINGS } from '../../web/ui/lazy-strings.ts';
import { eventually } from '../helpers/eventually.ts';
import { startGateway } from '../helpers/gateway.ts';
import { type ChatPage, openBrowser, openPage, openTab } from '../helpers/page/browser.ts';
import { paste } from '../helpers/page/paste.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });
/** The fixture of all tests. Each test opens a page and a terminal of its own. */
const room = await builtRoom({ after });
const gateway = await startGateway({ after }, room.port, { HISTORY_ENTRIES: '0' });

class ComposerScene {
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
    await this.chat.holds(text);
  }

  async offers(...names: (string | RegExp)[]): Promise<void> {
    for (const name of names) await this.list.getByRole('option', { name }).first().waitFor();
  }

  /** The option that the input has marked as active. */
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
    await this.input.and(this.chat.page.locator(':not([aria-activedescendant])')).waitFor();
  }

  /** The messages that the room received from this page, in order, up to a marker. */
  async said(): Promise<string[]> {
    const own = await this.chat.address();
    const isMarker = (text: string): boolean => text.endsWith('y punto');
    await this.chat.send('y punto');
    await eventually(
      () => this.#repeated(own).some(isMarker),
      () => `the room repeated ${JSON.stringify(this.terminal.received)}`,
    );
    const said = this.#repeated(own);
    return said.slice(0, said.findIndex(isMarker));
  }

  /** The messages of this address. Pages of other tests may still talk. */
  #repeated(address: string): string[] {
    let sender = '';
    return this.terminal.received.split('\n').flatMap((line) => {
      // A slow room may repeat two messages under one header.
      const [, from = sender, text = ''] = /^(?:(\S+) dice: )?(.*)$/.exec(line) ?? [];
      sender = from;
      return sender === address ? [text] : [];
    });
  }

  async #selected(): Promise<string> {
    return await this.input.evaluate((input) => {
      const id = input.getAttribute('aria-activedescendant') ?? 'none';
      const option = (input.getRootNode() as ShadowRoot).getElementById(id);
      return option?.ariaSelected === 'true' ? (option.textContent ?? '') : '';
    });
  }
}

async function openComposer(
  t: TestContext,
  options: BrowserContextOptions = {},
  prepare: (context: BrowserContext) => Promise<void> = async () => {},
): Promise<ComposerScene> {
  const terminal = await enter(t, room.port);
  const context = await browser.newContext({ locale: 'es-ES', ...options });
  t.after(() => context.close());
  await prepare(context);
  return new ComposerScene(await openTab(context, gateway.url), terminal);
}

/** A gateway that fails to send this text at the first attempt. */
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
  test('/nick sets the name, also in the name field', async (t) => {
    const desk = await openComposer(t);
    await desk.chat.setNickname('<Ana>');
    await desk.chat.alert.filter({ hasText: 'De 1 a 24 caracteres' }).waitFor();
    await desk.chat.send('/nick Ana María');
    await desk.holds('');
    await desk.chat.alert.waitFor({ state: 'hidden' });
    await eventually(
      async () => (await desk.chat.nickname.inputValue()) === 'Ana María',
      () => 'the field does not show the name',
    );
    await desk.chat.send('hola');
    assert.deepEqual(await desk.said(), ['<Ana María> hola']);
  });

  test('/nick without a valid name explains why and keeps the text', async (t) => {
    const desk = await openComposer(t);
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
      const desk = await openComposer(t);
      const address = await desk.chat.address();
      await desk.chat.send(command);
      await desk.chat.farewell.waitFor();
      await desk.chat.rejoin();
      assert.deepEqual(await desk.said(), []);
      assert.ok(!desk.terminal.received.includes(address), desk.terminal.received);
    });
  }

  for (const command of ['/ayuda', '/help']) {
    test(`${command} opens a sheet of commands and keys, and Escape returns to the input`, async (t) => {
      const desk = await openComposer(t);
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

  test('unknown command is reported, stays in the input and is not sent', async (t) => {
    const desk = await openComposer(t);
    await desk.chat.send('/baila conmigo');
    await desk.chat.alert.filter({ hasText: 'El comando /baila no existe' }).waitFor();
    await desk.holds('/baila conmigo');
    assert.deepEqual(await desk.said(), []);
  });

  test('doubled slash, path and pasted code are sent literally', async (t) => {
    const desk = await openComposer(t);
    for (const words of ['//salir', '/etc/passwd', '//uno\n/dos']) await desk.chat.send(words);
    assert.deepEqual(await desk.said(), ['/salir', '/etc/passwd', '//uno', '/dos']);
  });

  test('commands are offered after a slash, and chosen by keyboard alone', async (t) => {
    const desk = await openComposer(t);
    await desk.type('/');
    await desk.offers('/nick Nombre cambiar de nombre', /\/salir/, /\/ayuda/);
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

  test('complete command runs at the first Enter', async (t) => {
    const desk = await openComposer(t);
    await desk.type('/leav');
    await desk.selects('/leave');
    await desk.type('e');
    await desk.offersNothing();
    await desk.press('Enter');
    await desk.chat.farewell.waitFor();
  });
});

describe('completion of speakers', () => {
  test('speakers are offered after an @, by name and address, the latest first', async (t) => {
    const desk = await openComposer(t);
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

  test('speaker is chosen by touch, and the input keeps the focus', async (t) => {
    const desk = await openComposer(t, devices['Pixel 7']);
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

describe('completion of emojis', () => {
  test('emojis are offered by Spanish and English names, from lazily loaded data', async (t) => {
    const desk = await openComposer(t);
    const asked: string[] = [];
    // Other parts of the page may still load. These two hold the names.
    desk.chat.page.on('request', (request) => {
      if (/\/(?:en|es)-[\w-]+\.js$/.test(request.url())) asked.push(request.url());
    });
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

  test('Enter sends the text unless an arrow key chose an emoji', async (t) => {
    const desk = await openComposer(t);
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

  test('emoji is undone to the name that was typed', async (t) => {
    const desk = await openComposer(t);
    await desk.type(':tada:');
    await desk.holds('🎉');
    await desk.press('Control+z');
    await eventually(
      async () => (await desk.input.inputValue()).startsWith(':tada'),
      () => 'the name is not back',
    );
  });

  test('faces, times and links offer no emoji', async (t) => {
    const desk = await openComposer(t);
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
  test(`Enter of an input method sends nothing and keeps the focus, as ${engine} reports it`, async (t) => {
    const desk = await openComposer(t);
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
    await desk.input.and(desk.chat.page.locator(':focus')).waitFor();
  });
}

test('Enter in the field of the name leads to the message, and begins no new line', async (t) => {
  const desk = await openComposer(t);
  await desk.chat.nickname.fill('Ana');
  await desk.chat.nickname.press('Enter');
  await desk.input.and(desk.chat.page.locator(':focus')).waitFor();
  await desk.type('hola');
  await desk.holds('hola');
});

test('arrow keys walk through the sent messages, from an empty input and back', async (t) => {
  const desk = await openComposer(t);
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

test('draft survives a reload', async (t) => {
  const desk = await openComposer(t);
  await desk.input.fill('a medias\ny más');
  await desk.chat.page.reload();
  await desk.chat.address();
  await desk.holds('a medias\ny más');
});

test('input grows with its lines up to a limit, and shrinks after sending', async (t) => {
  const desk = await openComposer(t);
  const height = async () => (await desk.input.boundingBox())?.height ?? 0;
  const empty = await height();
  await desk.input.fill('uno\ndos\ntres');
  await eventually(
    async () => (await height()) > empty + 30,
    () => 'the input does not grow',
  );
  await desk.input.fill('línea\n'.repeat(40));
  assert.ok((await height()) < 250);
  await desk.input.fill('uno\ndos\ntres');
  await desk.press('Enter');
  await eventually(
    async () => (await height()) === empty,
    () => 'the input stays high',
  );
});

/** Returns the number of layouts since then. */
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

describe('paste of many lines', () => {
  const LINES = ['uno', 'dos', '', 'tres', 'cuatro', 'cinco'];

  async function pasted(t: TestContext, before = ''): Promise<ComposerScene & { question: Locator }> {
    const desk = await openComposer(t);
    await desk.input.fill(before);
    await paste(desk.input, LINES.join('\r\n'));
    const question = desk.chat.page.getByRole('dialog', { name: 'Vas a pegar 5 líneas' });
    await question.getByText('uno\ndos\ntres\ncuatro\n…').waitFor();
    return Object.assign(desk, { question });
  }

  test('paste of many lines asks first, and sends a message for each line', async (t) => {
    const desk = await pasted(t);
    await desk.question.getByRole('button', { name: 'Enviar 5 mensajes' }).click();
    assert.deepEqual(await desk.said(), ['uno', 'dos', 'tres', 'cuatro', 'cinco']);
  });

  test('paste of many lines goes into the input', async (t) => {
    const desk = await pasted(t, 'mira: ');
    await desk.question.getByRole('button', { name: 'Pegar sin enviar' }).click();
    await desk.holds(`mira: ${LINES.join('\n')}`);
    assert.ok(await desk.input.evaluate((input) => input.matches(':focus')));
  });

  test('paste of many lines is joined into one line', async (t) => {
    const desk = await pasted(t, 'mira: ');
    await desk.question.getByRole('button', { name: 'Unir en una línea' }).click();
    await desk.holds('mira: uno dos tres cuatro cinco');
  });

  for (const way of ['Escape', 'Cancelar']) {
    test(`paste of many lines is dropped after ${way}`, async (t) => {
      const desk = await pasted(t, 'mira: ');
      if (way === 'Escape') await desk.chat.page.keyboard.press('Escape');
      else await desk.question.getByRole('button', { name: way }).click();
      await desk.question.waitFor({ state: 'detached' });
      await desk.holds('mira: ');
      assert.ok(await desk.input.evaluate((input) => input.matches(':focus')));
      assert.deepEqual(await desk.said(), []);
    });
  }

  test('paste of many lines is laid out once and can be undone', async (t) => {
    const desk = await openComposer(t);
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

  test('paste over the limit is refused with the limit, and the draft stays', async (t) => {
    const desk = await openComposer(t);
    await desk.input.fill('mira: ');
    await paste(desk.input, '\n'.repeat(30_000));
    await desk.chat.alert.filter({ hasText: `son 30000 líneas y caben ${DRAFT_MAX_LINES}` }).waitFor();
    await paste(desk.input, 'x\n'.repeat(2_500_000));
    await desk.chat.alert
      .filter({ hasText: `son 5000006 caracteres y caben ${DRAFT_MAX_CHARACTERS}` })
      .waitFor();
    await desk.holds('mira: ');
    await desk.press('End');
    await desk.type('sí');
    await desk.chat.alert.waitFor({ state: 'hidden' });
    await desk.press('Enter');
    assert.deepEqual(await desk.said(), ['mira: sí']);
  });

  test('paste of few lines asks nothing', async (t) => {
    const desk = await openComposer(t);
    await paste(desk.input, 'uno\ndos\ntres\n');
    await desk.holds('uno\ndos\ntres\n');
  });
});

describe('failed messages', () => {
  for (const reason of ['empty', 'too-long', 'left'] as const) {
    test(`failed message shows its reason (${reason}), and is sent again or dropped`, async (t) => {
      const desk = await openComposer(t, {}, refusing('a ver', reason));
      await desk.chat.send('a ver');
      await desk.chat.showsState('a ver', LAZY_STRINGS.es.failed[reason]);
      await desk.chat.button('Descartar').waitFor();
      await desk.chat.button('Enviar otra vez').click();
      await desk.chat.showsReceipt('a ver');
      assert.deepEqual(await desk.said(), ['a ver']);
    });
  }

  test('failed message that was dropped stays gone', async (t) => {
    const desk = await openComposer(t, {}, refusing('mejor no', 'left'));
    await desk.chat.send('mejor no');
    await desk.chat.button('Descartar').click();
    await desk.chat.message('mejor no').waitFor({ state: 'detached' });
    await desk.chat.page.reload();
    await desk.chat.address();
    assert.deepEqual(await desk.said(), []);
    assert.equal(await desk.chat.message('mejor no').count(), 0);
  });

  test('failed messages are sent by themselves when the gateway was only closing', async (t) => {
    const desk = await openComposer(t, {}, refusing('a ver', 'closing'));
    await desk.chat.send('a ver');
    await desk.chat.showsReceipt('a ver');
    assert.deepEqual(await desk.said(), ['a ver']);
  });
});

test('Enter sends on a phone, a button starts a line, and touch targets are 44 pixels', async (t) => {
  const desk = await openComposer(t, devices['Pixel 7']);
  assert.equal(await desk.input.getAttribute('enterkeyhint'), 'send');
  await desk.input.tap();
  await desk.type('uno');
  const newLine = desk.chat.button('Nueva línea');
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

test('English page has English commands and messages about them', async (t) => {
  const { chat } = await openComposer(t, { locale: 'es-ES' });
  const page = await openPage(browser, chat.page.url(), { locale: 'en-GB' });
  t.after(() => page.page.context().close());
  const input = page.page.getByRole('textbox', { name: 'Message' });
  await input.pressSequentially('/');
  const list = page.page.getByRole('listbox', { name: 'Suggestions' });
  await list.getByRole('option', { name: '/leave' }).waitFor();
  assert.deepEqual(await list.locator('.label').allTextContents(), ['/nick Name', '/leave', '/help']);
  await input.fill('/dance');
  await input.press('Enter');
  await page.alert.filter({ hasText: 'Unknown command /dance' }).waitFor();
  await input.fill('/help');
  await input.press('Enter');
  await page.page.getByRole('dialog', { name: 'Help' }).waitFor();
  await page.page.locator('help-sheet').getByText('Commands', { exact: true }).waitFor();
});
