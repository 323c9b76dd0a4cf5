/**
 * Notifications: mentions in the log, desktop notifications, sounds and the title.
 */
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { after, type TestContext, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { eventually } from '../helpers/eventually.ts';
import { type Gateway, startGateway } from '../helpers/gateway.ts';
import { type ChatPage, openBrowser, openTab } from '../helpers/page/browser.ts';
import { openProxy } from '../helpers/proxy.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });
/** The fixture of all tests. Each test opens a page and a terminal of its own. */
const room = await builtRoom({ after });
const gateway = await startGateway({ after }, room.port, { HISTORY_ENTRIES: '0' });

interface Shown {
  title: string;
  body: string;
}

/** A record of what the page asked of the desktop. */
interface Desk {
  shown: Shown[];
  closed: number;
  asked: number;
  focused: number;
  tones: number;
  click(): void;
}

/**
 * Replaces the desktop's notifications and loudspeaker with a record. `answer` is the person's answer to the
 * permission request.
 */
const DESK = (answer: string) => `
  const desk = { shown: [], closed: 0, asked: 0, focused: 0, tones: 0, click: () => {} };
  Object.assign(window, { desk });
  let permission = '${answer}' === 'denied before' ? 'denied' : 'default';
  window.Notification = class {
    static get permission() { return permission; }
    static async requestPermission() { desk.asked++; permission = '${answer}'; return permission; }
    constructor(title, { body }) { desk.shown.push({ title, body }); desk.click = () => this.onclick(); }
    close() { desk.closed++; }
  };
  window.focus = () => { desk.focused++; };
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...at) { desk.tones++; start.apply(this, at); };
  document.hasFocus = () => desk.hasFocus !== false;
`;

async function deskOf(page: ChatPage): Promise<Omit<Desk, 'click'>> {
  return await page.page.evaluate(() => {
    const { click: _, ...desk } = (window as unknown as { desk: Desk }).desk;
    return desk;
  });
}

async function look(page: ChatPage, isHere: boolean): Promise<void> {
  await page.page.evaluate((hasFocus) => {
    Object.assign((window as unknown as { desk: Desk }).desk, { hasFocus });
    dispatchEvent(new Event(hasFocus ? 'focus' : 'blur'));
  }, isHere);
}

async function isShown(page: ChatPage, ...wanted: Shown[]): Promise<void> {
  let shown: Shown[] = [];
  await eventually(
    async () => {
      ({ shown } = await deskOf(page));
      return shown.length >= wanted.length;
    },
    () => `shown: ${JSON.stringify(shown)}`,
  );
  assert.deepEqual(shown, wanted);
}

async function hasSounded(page: ChatPage, tones: number): Promise<void> {
  let desk: Omit<Desk, 'click'> | undefined;
  await eventually(
    async () => {
      desk = await deskOf(page);
      return desk.tones >= tones;
    },
    () => `it sounded ${desk?.tones} tones`,
  );
}

interface SceneOptions {
  answer?: string;
  storage?: 'refused';
  at?: { gateway: Gateway; host: string };
}

async function scene(t: TestContext, { answer = 'granted', storage, at }: SceneOptions = {}) {
  const way = await openProxy(t, gateway.port);
  const context = await browser.newContext({ locale: 'es-ES' });
  t.after(() => context.close());
  await context.addInitScript(DESK(answer));
  if (storage === 'refused') await refuseStorage(context);
  const page = await openTab(context, at ? `http://${at.host}:${at.gateway.port}` : way.url);
  return { way, terminal: await enter(t, room.port), page };
}

async function refuseStorage(context: BrowserContext): Promise<void> {
  await context.addInitScript(`
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, { get() { throw new DOMException('refused', 'SecurityError'); } });
    }
  `);
}

async function openSettings({ page }: ChatPage): Promise<void> {
  await page.locator('room-menu summary').click();
  await page.getByRole('button', { name: 'Ajustes' }).click();
}

type Setting = 'Notificaciones' | 'Sonido';

function choice(page: Page, setting: Setting, scope: string) {
  return page.getByRole('group', { name: setting }).getByRole('radio', { name: scope, exact: true });
}

async function choose(page: ChatPage, setting: Setting, scope: string): Promise<void> {
  await openSettings(page);
  await choice(page.page, setting, scope).check();
  await page.page.keyboard.press('Escape');
  await page.page.getByRole('dialog').waitFor({ state: 'detached' });
}

function addressOfThisMachine(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}

test('mention by name or address stands out in the log, visually and for screen readers', async (t) => {
  const { terminal, page } = await scene(t);
  await page.setNickname('José');
  terminal.send('nada para ti\n');
  terminal.send('<Nacho> ¿vienes, jose?\n');
  terminal.send(`¿y quién es ${await page.address()}?\n`);
  await page.shows('¿y quién es');
  const articles = await page.log
    .getByRole('article')
    .evaluateAll((all) =>
      all.map((article) => [
        article.classList.contains('mentioned'),
        article.ariaLabel?.includes('te menciona'),
      ]),
    );
  assert.deepEqual(articles.slice(-3), [
    [false, false],
    [true, true],
    [true, true],
  ]);
  await page.send('yo, José');
  await page.showsReceipt('yo, José');
  assert.equal(await page.page.locator('chat-message.mentioned').count(), 2);
});

test('page sends no notification before it is asked for', async (t) => {
  const { terminal, page } = await scene(t);
  await page.setNickname('Ana');
  await look(page, false);
  terminal.send('hola @Ana\n');
  await page.shows('hola @Ana');
  await choose(page, 'Sonido', 'Todos los mensajes');
  await hasSounded(page, 2);
  const { shown, asked } = await deskOf(page);
  assert.deepEqual([shown, asked], [[], 0]);
});

test('hidden page notifies of mentions only, or of every message, as chosen', async (t) => {
  const { terminal, page } = await scene(t);
  await page.setNickname('Ana');
  await choose(page, 'Notificaciones', 'Cuando me mencionan');
  assert.equal((await deskOf(page)).asked, 1);
  terminal.send('mientras miro, Ana\n');
  await page.shows('mientras miro');
  await look(page, false);
  terminal.send('hola a todos\n');
  terminal.send('<Nacho> hola, ANA\n');
  const mention = { title: 'Nacho te menciona', body: 'hola, ANA' };
  await isShown(page, mention);
  await look(page, true);
  await choose(page, 'Notificaciones', 'Todos los mensajes');
  await look(page, false);
  terminal.send('y a nadie\n');
  await isShown(page, mention, { title: terminal.address, body: 'y a nadie' });
});

test('burst of messages is one notification, with the count and the last message', async (t) => {
  const { terminal, page } = await scene(t);
  await choose(page, 'Notificaciones', 'Todos los mensajes');
  await look(page, false);
  for (let i = 1; i <= 50; i++) terminal.send(`${i};\n`);
  await page.shows('50;');
  await eventually(
    async () => (await deskOf(page)).shown.at(-1)?.title === '50 mensajes nuevos',
    () => 'the burst was not told',
  );
  const { shown } = await deskOf(page);
  assert.ok(shown.length <= 3, `${shown.length} notifications`);
  assert.equal(shown.at(-1)?.body, `${terminal.address}: 50;`);
});

test('click on a notification focuses the page, which then closes the notification', async (t) => {
  const { terminal, page } = await scene(t);
  await choose(page, 'Notificaciones', 'Todos los mensajes');
  await look(page, false);
  terminal.send('ven\n');
  await isShown(page, { title: terminal.address, body: 'ven' });
  await page.page.evaluate(() => (window as unknown as { desk: Desk }).desk.click());
  const { focused, closed } = await deskOf(page);
  assert.deepEqual([focused, closed], [1, 1]);
});

test('hidden page notifies although its notification code failed to load at first', async (t) => {
  const { terminal, page } = await scene(t);
  const code = '**/notifier-*.js';
  await page.page.route(code, (route) => route.abort());
  const failed = page.page.waitForEvent('requestfailed', (request) => request.url().includes('/notifier-'));
  await choose(page, 'Notificaciones', 'Todos los mensajes');
  await look(page, false);
  await failed;
  await page.page.unroute(code);
  terminal.send('hola\n');
  await isShown(page, { title: terminal.address, body: 'hola' });
});

test('own, past and missed messages cause no notification', async (t) => {
  const { way, terminal, page } = await scene(t);
  await choose(page, 'Notificaciones', 'Todos los mensajes');
  await choose(page, 'Sonido', 'Todos los mensajes');
  await hasSounded(page, 2);
  await look(page, false);
  await page.send('mis palabras');
  await page.showsReceipt('mis palabras');
  way.close();
  way.cut();
  await page.showsStatus('Sin conexión');
  const head = await gateway.metric('tertulia_transcript_head');
  for (let i = 1; i <= 20; i++) terminal.send(`perdido ${i};\n`);
  await gateway.metricReaches('tertulia_transcript_head', head + 20);
  way.open();
  await page.shows('perdido 20;');
  terminal.send('y esto es nuevo\n');
  await isShown(page, { title: terminal.address, body: 'y esto es nuevo' });
  await hasSounded(page, 4);
  assert.equal((await deskOf(page)).tones, 4);
});

test('notification settings survive a reload, and hold for the visit without storage', async (t) => {
  const kept = await scene(t);
  await choose(kept.page, 'Notificaciones', 'Todos los mensajes');
  await kept.page.page.reload();
  await openSettings(kept.page);
  await choice(kept.page.page, 'Notificaciones', 'Todos los mensajes')
    .and(kept.page.page.locator(':checked'))
    .waitFor();

  const refused = await scene(t, { storage: 'refused' });
  await choose(refused.page, 'Notificaciones', 'Todos los mensajes');
  await look(refused.page, false);
  refused.terminal.send('hola\n');
  await isShown(refused.page, { title: refused.terminal.address, body: 'hola' });
});

for (const [answer, words] of [
  ['denied', 'El navegador las tiene bloqueadas: permítelas en sus ajustes para esta página.'],
  ['denied before', 'El navegador las tiene bloqueadas: permítelas en sus ajustes para esta página.'],
  ['default', 'El navegador aún necesita tu permiso.'],
] as const) {
  test(`notification settings explain the browser's answer: ${answer}`, async (t) => {
    const { page } = await scene(t, { answer });
    await openSettings(page);
    await choice(page.page, 'Notificaciones', 'Todos los mensajes').check();
    await page.page.getByText(words).waitFor();
    const { asked } = await deskOf(page);
    assert.equal(asked, answer === 'denied before' ? 0 : 1);
    if (answer !== 'default') return;
    await page.button('Permitir notificaciones').click();
    await eventually(
      async () => (await deskOf(page)).asked === 2,
      () => 'the browser was not asked again',
    );
  });
}

test('settings on plain http explain the lack of notifications; sound and title work', {
  skip: !addressOfThisMachine() && 'this machine has no address but its own',
}, async (t) => {
  const host = addressOfThisMachine() ?? '';
  const open = await startGateway(t, room.port, { HTTP_HOST: '0.0.0.0' });
  const { terminal, page } = await scene(t, { at: { gateway: open, host } });
  await openSettings(page);
  await page.page.getByText('Los navegadores solo las permiten con https o en localhost.').waitFor();
  assert.ok(await choice(page.page, 'Notificaciones', 'Todos los mensajes').isDisabled());
  await choice(page.page, 'Sonido', 'Todos los mensajes').check();
  await page.page.keyboard.press('Escape');
  await hasSounded(page, 2);
  await look(page, false);
  terminal.send('hola\n');
  await hasSounded(page, 4);
});
