/**
 * The page in front of a room that the gateway can't follow: the problem and its remedy, in both languages.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { launchGateway, startGateway } from '../helpers/gateway.ts';
import { openBrowser } from '../helpers/page/browser.ts';
import { pageOpener } from '../helpers/page/scene.ts';
import { courseServer, withoutPython } from '../helpers/python.ts';

const browser = await openBrowser({ after });
const skip = withoutPython;

test('page names the setting to change in front of a room of another format', {
  skip,
}, async (t) => {
  const room = await courseServer(t, 'brackets');
  const { url } = await startGateway(t, room.port);
  const ana = await pageOpener(t, browser, url)();
  await ana.send('hola');
  const status = ana.page
    .getByRole('status')
    .filter({ hasText: 'puede probar ROOM_FORMAT=[{address}]: {text}' });
  await status.waitFor();
  assert.match((await status.getAttribute('class')) ?? '', /trouble/);
});

test('page reports a room that asks for a name, and a person can answer it', { skip }, async (t) => {
  const room = await courseServer(t, 'username');
  const { url } = await launchGateway(t, room.port);
  const context = await browser.newContext({ locale: 'en-US' });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(url);
  await page
    .getByRole('status')
    .filter({
      hasText: /asks everyone for something first, perhaps a name.* can try ROOM_LOGIN=\{name\}\\n$/,
    })
    .waitFor();
  await page.getByText('Please enter your username:').waitFor();
  await page.getByRole('textbox', { name: 'Message' }).fill('Ana');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await room.program.prints('Entra: Ana');
});
