import type { Page } from 'playwright-core';

/** Answers as a gateway with a public URL, because this machine's own addresses lead nobody else here. */
export async function isReachable(page: Page): Promise<void> {
  await page.route('**/api/invite', async (route) => {
    const answer = await (await route.fetch()).json();
    await route.fulfill({ json: { ...answer, publicUrl: 'http://tertulia.lan:8080' } });
  });
}
