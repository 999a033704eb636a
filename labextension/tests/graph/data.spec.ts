import { nullTranslator } from '@jupyterlab/translation';
import { expect, test } from 'vitest';

import type * as api from '../../src/api';
import { graphOf } from '../../src/graph/data';
import { arrange } from '../../src/graph/arrange';
import { check } from '../answers';

const trans = nullTranslator.load('');

function link(kind: api.EdgeKind, ...names: string[]): api.Link {
  return { producer: 'a', consumer: 'b', kind, names };
}

test.each([
  [
    'variables and files',
    [link('variable', 'x', 'y'), link('file', 'f.csv')],
    'x, y, f.csv'
  ],
  ['an order', [link('order')], 'order'],
  ['an order beside data', [link('order'), link('variable', 'x')], 'x'],
  [
    'many names',
    [link('variable', ...'one two three four five six'.split(' '))],
    'one, two, three +3'
  ],
  [
    'a long name',
    [link('file', 'a/very/long/path/to/some/file.parquet')],
    'a/very/long/path/to…'
  ]
])('%s are one line', (_, links, label) => {
  const { edges } = graphOf(check(['a', 'b'], { links }), [], [], trans);

  expect(edges.map(edge => edge.label)).toEqual([label]);
});

test('stages are drawn below those that they wait for', () => {
  const links = [link('variable', 'x')];
  const graph = graphOf(check(['b', 'a'], { links }), [], ['a', 'b'], trans);
  const places = arrange(graph);

  expect(graph.stages.map(({ rank }) => rank)).toEqual([1, 0]);
  expect(places.get('a')?.y).toBeLessThan(places.get('b')?.y ?? 0);
});
