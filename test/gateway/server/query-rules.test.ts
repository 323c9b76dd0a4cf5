/**
 * Rules for the parameters of requests.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkQuery, type QueryRules } from '../../../gateway/server/query-rules.ts';

const RULES: QueryRules = {
  before: { type: 'integer', minimum: 0, maximum: 10 },
  limit: { type: 'integer', minimum: 1, default: 5 },
  q: { type: 'string', minLength: 1, maxLength: 3 },
  day: { type: 'string', format: 'date' },
  format: { type: 'string', enum: ['text', 'html'], default: 'text' },
  hidden: { type: 'boolean', default: false },
};
const DEFAULTS = { limit: 5, format: 'text', hidden: false };

test('query rules fill in defaults, convert texts, and drop unknown parameters', () => {
  assert.deepEqual(checkQuery({}, RULES), { value: DEFAULTS });
  const query = { before: '0', limit: '7', q: 'año', day: '2024-02-29', hidden: 'true', code: 'x' };
  const value = { before: 0, limit: 7, q: 'año', day: '2024-02-29', format: 'text', hidden: true };
  assert.deepEqual(checkQuery(query, RULES), { value });
});

for (const [name, text, means] of [
  ['before', '', 'must be integer'],
  ['before', '1.5', 'must be integer'],
  ['before', '-1', 'must be >= 0'],
  ['before', '11', 'must be <= 10'],
  ['before', ['1', '2'], 'must be integer'],
  ['limit', 'x', 'must be integer'],
  ['q', '', 'must NOT have fewer than 1 characters'],
  ['q', 'años', 'must NOT have more than 3 characters'],
  ['day', '2026-02-30', 'must be a date such as 2026-11-28'],
  ['day', '28/11/2026', 'must be a date such as 2026-11-28'],
  ['format', 'pdf', 'must be equal to one of the allowed values: text, html'],
  ['hidden', '1', 'must be boolean'],
] as const) {
  test(`query rules refuse ${name}=${text} with the name and the reason`, () => {
    const checked = checkQuery({ [name]: text }, RULES);
    assert.ok('error' in checked);
    assert.equal(checked.error.message, `querystring/${name} ${means}`);
  });
}
