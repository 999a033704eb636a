import { expect, test } from 'vitest';

import { cellStatuses, duration } from '../../src/cells/status';
import { layOut } from '../../src/notebook/layout';
import { readRole } from '../../src/notebook/roles';
import { execution, run } from '../answers';

const LAYOUT = layOut(
  ['stage:a', '', '', 'stage:b'].map(tag => readRole(tag ? [tag] : [], '')),
  'title'
);

test.each([
  ['not begun', run({ status: 'NOT_RUN' }), []],
  ['loading', run({ cell: 1, of: 5 }), ['waiting', 'waiting', 'waiting']],
  [
    'in the middle',
    run({ cell: 3, of: 5, source_cell: 1 }),
    ['done', 'running', 'waiting']
  ],
  ['saving', run({ cell: 5, of: 5 }), ['done', 'done', 'done']],
  ['done', run({ status: 'SUCCEEDED' }), ['done', 'done', 'done']],
  [
    'failed',
    run({ status: 'FAILED', error: { name: 'E', message: '', cell: 1 } }),
    ['done', 'failed', 'stopped']
  ],
  ['stopped', run({ status: 'ABORTED' }), ['stopped', 'stopped', 'stopped']]
])('a stage that is %s', (_, stage, expected) => {
  const statuses = cellStatuses(LAYOUT, execution({ stages: [stage] }));

  expect([...statuses.values()].map(({ status }) => status)).toEqual(expected);
});

test('the time of a stage is at its last cell', () => {
  const stages = [run({ status: 'SUCCEEDED', seconds: 2 })];
  const statuses = cellStatuses(LAYOUT, execution({ stages }));

  expect([...statuses.values()].map(({ seconds }) => seconds)).toEqual([
    null,
    null,
    2
  ]);
});

test.each([
  [0.04, '0.0 s'],
  [9.96, '10.0 s'],
  [42.4, '42 s'],
  [61, '1 min 1 s'],
  [7260, '2 h 1 min']
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
