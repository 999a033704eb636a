import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  asks,
  place,
  sorted,
  type IFinding,
  type IStage
} from '../src/protocol';

function finding(over: Partial<IFinding>): IFinding {
  return {
    code: 'ZF101',
    severity: 'error',
    message: '',
    remedy: '',
    cell: null,
    line: null,
    ...over
  };
}

for (const [over, expected] of [
  [{}, ''],
  [{ cell: 0 }, 'cell 1'],
  [{ cell: 2, line: 5 }, 'cell 3, line 5']
] as const) {
  test(`a finding with ${JSON.stringify(over)} is at "${expected}"`, () => {
    assert.equal(place(finding(over)), expected);
  });
}

test('errors come first, then the order of the notebook', () => {
  const findings = [
    finding({ code: 'a', severity: 'info', cell: 0 }),
    finding({ code: 'b', severity: 'error', cell: 4 }),
    finding({ code: 'c', severity: 'warning' }),
    finding({ code: 'd', severity: 'error', cell: 4, line: 0 }),
    finding({ code: 'e', severity: 'error' })
  ];

  assert.deepEqual(
    sorted(findings).map(({ code }) => code),
    ['e', 'b', 'd', 'c', 'a']
  );
});

for (const [over, expected] of [
  [{}, ''],
  [
    {
      kind: 'training',
      compute: { backend: 'sagemaker', instance_type: 'ml.g5.xlarge' }
    },
    'training on ml.g5.xlarge'
  ],
  [
    { kind: 'slurm', compute: { backend: 'slurm', queue: 'gpu' } },
    'slurm on gpu'
  ],
  [
    { kind: 'databricks', compute: { backend: 'databricks' } },
    'databricks on databricks'
  ]
] as const) {
  test(`a stage asks for "${expected}"`, () => {
    const stage: IStage = {
      name: 's',
      cells: [],
      reads: [],
      writes: [],
      saves: [],
      after: [],
      ...over
    };

    assert.equal(asks(stage), expected);
  });
}
