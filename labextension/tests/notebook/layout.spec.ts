import { expect, test } from 'vitest';

import { cellsOf, layOut } from '../../src/notebook/layout';
import { readRole } from '../../src/notebook/roles';

function parts(...cells: (string | null)[]): string[] {
  const roles = cells.map(cell =>
    cell === null ? null : readRole(cell ? [cell] : [], '')
  );
  return layOut(roles, 'title').parts.map(part =>
    part ? `${part.stage ?? part.kind}${part.inherited ? '*' : ''}` : 'text'
  );
}

test.each([
  ['an untagged notebook is one stage', ['', null, ''], 'title* text title*'],
  ['cells above the first stage are setup', ['', 'stage:a', ''], 'setup* a a*'],
  [
    'roles between do not end a stage',
    ['stage:a', 'setup', 'skip', ''],
    'a setup skip a*'
  ],
  [
    'cells of a stage need not be adjacent',
    ['stage:a', 'stage:b', 'stage:a'],
    'a b a'
  ]
])('%s', (_, cells, expected) => {
  expect(parts(...cells).join(' ')).toBe(expected);
});

test('stages are in the order of their first cells', () => {
  const roles = ['stage:b', 'stage:a', 'stage:b'].map(tag =>
    readRole([tag], '')
  );
  const layout = layOut(roles, 'title');

  expect([layout.stages, cellsOf(layout, 'b')]).toEqual([
    ['b', 'a'],
    [0, 2]
  ]);
});
