/**
 * The first load of the page: bytes as served, and time until the first paint.
 */
import { findChromium, HOW_TO_GET_CHROMIUM } from '../../scripts/lib/chromium.ts';
import type { Cleanup } from '../../test/helpers/eventually.ts';
import { startGateway } from '../../test/helpers/gateway.ts';
import { openBrowser } from '../../test/helpers/page/browser.ts';
import { type FirstLoad, loadFirst, served } from '../../test/helpers/page/first-load.ts';
import { builtRoom } from '../../test/helpers/room.ts';
import type { Report } from '../lib/report.ts';
import { summary, table } from '../lib/table.ts';

const ROUNDS = 5;
const KIB = 1024;
/** Sizes of version 4.5, gzip. */
const THE_LOUNGE = { script: 144, stylesheet: 12 };

export async function measurePage(t: Cleanup): Promise<Report> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(HOW_TO_GET_CHROMIUM);
  const { url } = await startGateway(t, (await builtRoom(t)).port);
  const browser = await openBrowser(t, { executablePath });
  const loads: FirstLoad[] = [];
  for (let round = 0; round < ROUNDS; round++) loads.push(await loadFirst(browser, url));
  const { fetched = [] } = loads[0] ?? {};
  const kib = async (type: 'script' | 'stylesheet'): Promise<string> => {
    const urls = fetched.filter((one) => one.type === type).map((one) => one.url);
    const sizes = await Promise.all(urls.map(async (one) => (await served(one)).bytes));
    return (sizes.reduce((sum, bytes) => sum + bytes, 0) / KIB).toFixed(1);
  };
  const text = [
    'The first load\n',
    table([
      ['KiB, gzip', 'Tertulia', 'The Lounge'],
      ['JavaScript', await kib('script'), `${THE_LOUNGE.script}`],
      ['CSS', await kib('stylesheet'), `${THE_LOUNGE.stylesheet}`],
    ]),
    '',
    table([
      [`slow 4G, ms (${ROUNDS} rounds)`, 'median', 'worst'],
      ['first paint', ...summary(loads.map(({ firstPaint }) => firstPaint))],
      ['in the room', ...summary(loads.map(({ inRoom }) => inRoom))],
    ]),
  ].join('\n');
  return { text };
}
