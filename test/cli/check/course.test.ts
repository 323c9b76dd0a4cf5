/**
 * The documents of the course. test/load runs its servers.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LESSONS } from '../../../cli/check/checks/table.ts';
import { filesUnder, inProject } from '../../../scripts/lib/project.ts';

for (const folder of ['docs/course', 'docs/es/curso']) {
  test(`${folder} has a page for each lesson, with its exercise, start and solution`, () => {
    const pages = filesUnder(folder).filter((path) => /\/\d-[\w-]+\.md$/.test(path));
    assert.equal(pages.length, LESSONS);
    for (const page of pages) {
      const text = readFileSync(inProject(page), 'utf8');
      const [, number = ''] = /\/(\d)-/.exec(page) ?? [];
      assert.match(
        text,
        new RegExp(`^tertulia check --lesson ${number} -- python3 server\\.py \\{port\\}$`, 'm'),
        page,
      );
      for (const server of [Number(number) - 1, Number(number)]) {
        assert.ok(
          text.includes(`course/code/server-${server}.py`) || text.includes(`(code/server-${server}.py)`),
          page,
        );
      }
    }
  });
}
