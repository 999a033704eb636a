import { nullTranslator } from '@jupyterlab/translation';
import { expect, test } from 'vitest';

import type * as api from '../../src/api';
import { fixesOf } from '../../src/panel/fixes';
import { place, sorted } from '../../src/panel/findings';
import { StageModel } from '../../src/model/stageModel';
import { check, client, finding } from '../answers';
import { notebook, tags } from '../notebooks';

const trans = nullTranslator.load('');

/** A notebook with a finding in it, and what its quick fixes make of it. */
async function fixed(
  over: Partial<api.Finding>,
  label: string
): Promise<[labels: string[], tags: string]> {
  const document = notebook(
    [
      ['import x', 'setup'],
      ['a = open("f")', 'stage:read'],
      ['b = a', 'stage:fit', 'after:fi'],
      ['c = 1', 'stage:fit', 'Stage:odd']
    ],
    { zflow: { version: 1, stages: { gone: { timeout: 1 } } } }
  );
  const edges: api.Edge[] = [
    {
      producer: 'read',
      consumer: 'fit',
      kind: 'variable',
      name: 'a',
      written: { cell: 1, line: 1 },
      read: { cell: 2, line: 1 },
      reason: ''
    }
  ];
  const model = new StageModel({
    notebook: document,
    host: { path: 'n.ipynb' } as never,
    client: client({ check: () => Promise.resolve(check([], { edges })) })
  });
  await model.refresh();
  const ask = (): Promise<string> => Promise.resolve('new');
  const fixes = fixesOf(finding(over), model, ask, trans);
  await fixes.find(fix => fix.label === label)?.apply();
  const settings = Object.keys(model.edits.settings.stages).join();
  return [
    fixes.map(fix => fix.label),
    [...tags(document), settings].join('; ')
  ];
}

const BEFORE =
  'setup; stage:read; stage:fit after:fi; stage:fit Stage:odd; gone';

test.each([
  [
    'a handle that crosses: merged',
    {
      code: 'ZF203',
      message: "Stage 'fit' uses 'a' of stage 'read', but it is a file.",
      cell: 2
    },
    'Merge read and fit',
    'setup; stage:read; after:fi stage:read; Stage:odd stage:read; gone'
  ],
  [
    'a handle that crosses: made in setup',
    {
      code: 'ZF203',
      message: "Stage 'fit' uses 'a' of stage 'read', but it is a file.",
      cell: 2
    },
    'Add cell 2 to setup',
    BEFORE.replace('stage:read', 'setup')
  ],
  [
    'two versions: split',
    { code: 'ZF204', remedy: "Split stage 'fit' at this cell.", cell: 3 },
    'Split fit…',
    BEFORE.replace('stage:fit Stage:odd', 'Stage:odd stage:new')
  ],
  [
    'a cell that waits for somebody',
    { code: 'ZF213', cell: 3 },
    'Skip the cell',
    BEFORE.replace('stage:fit Stage:odd', 'Stage:odd skip')
  ],
  [
    'a slip in a tag',
    {
      code: 'ZF112',
      message: "the tag 'Stage:odd' is not read.",
      remedy: "Write 'stage:odd'.",
      cell: 3
    },
    'Write stage:odd',
    BEFORE.replace('Stage:odd', 'stage:odd')
  ],
  [
    'an order after nothing: corrected',
    {
      code: 'ZF105',
      message: "`after:fi`: there is no stage 'fi'.",
      remedy: "Did you mean 'read'? Stages: read, fit.",
      cell: 2
    },
    'Write after:read',
    BEFORE.replace('after:fi', 'after:read')
  ],
  [
    'an order after nothing: removed',
    { code: 'ZF105', message: "`after:fi`: there is no stage 'fi'.", cell: 2 },
    'Remove the order',
    BEFORE.replace(' after:fi', '')
  ],
  [
    'settings of no stage',
    { code: 'ZF111', message: "No cell is in stage 'gone'." },
    'Remove the settings',
    BEFORE.replace('gone', '')
  ],
  [
    'names that collide',
    { code: 'ZF104', cell: 1 },
    'Rename read…',
    BEFORE.replace('stage:read', 'stage:new')
  ],
  ['what no edit can settle', { code: 'ZF201', cell: 1 }, '', BEFORE]
])('%s', async (_, over, label, expected) => {
  const [labels, after] = await fixed(over, label);

  expect(labels).toEqual(label ? expect.arrayContaining([label]) : []);
  expect(after).toBe(expected);
});

test.each([
  [{}, ''],
  [{ cell: 0 }, 'cell 1'],
  [{ cell: 2, line: 5 }, 'cell 3, line 5']
])('a finding with %j is at "%s"', (over, expected) => {
  expect(place(finding(over), trans)).toBe(expected);
});

test('errors come first, then the order of the notebook', () => {
  const findings = [
    finding({ code: 'a', severity: 'info', cell: 0 }),
    finding({ code: 'b', cell: 4 }),
    finding({ code: 'c', severity: 'warning' }),
    finding({ code: 'd', cell: 4, line: 0 }),
    finding({ code: 'e' })
  ];

  expect(
    sorted(findings)
      .map(({ code }) => code)
      .join('')
  ).toBe('ebdca');
});
