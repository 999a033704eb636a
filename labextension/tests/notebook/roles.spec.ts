import { expect, test } from 'vitest';

import {
  quoted,
  readRole,
  stageMagic,
  withRole
} from '../../src/notebook/roles';

test.each([
  ['no tag', [], 'x = 1', 'untagged', null],
  ['a stage', ['stage:train'], '', 'stage', 'train'],
  ['a name with spaces', ['stage: train it '], '', 'stage', 'train it'],
  ['a foreign tag', ['hide-input'], '', 'untagged', null],
  ['an empty name', ['stage:'], '', 'untagged', null],
  ['a magic', [], '%%stage train', 'stage', 'train'],
  ['a tag before a magic', ['stage:a'], '%%stage b', 'stage', 'a'],
  ['skip before all', ['stage:a', 'setup', 'skip'], '', 'skip', null],
  ['parameters', ['parameters'], '', 'parameters', null]
])('%s', (_, tags, source, kind, stage) => {
  const role = readRole(tags, source);

  expect([role.kind, role.stage]).toEqual([kind, stage]);
});

test.each([
  ['%%stage train', 'train'],
  ['\n  %%stage train --after a\nx = 1', 'train'],
  ['%%stage "train it" --compute ml.m5.large', '"train it"'],
  ['%%stage --kind training --spot train', 'train'],
  ['%%stage --kind=training train', 'train'],
  ["%%stage 'a b'", "'a b'"],
  ['%%stage', undefined],
  ['%%stages train', undefined],
  ['x = 1\n%%stage train', undefined]
])('the name in %j is %j', (source, text) => {
  const magic = stageMagic(source);

  expect(magic && source.slice(magic.start, magic.end)).toBe(text ?? null);
});

test.each([
  [
    ['stage:a', 'mine', 'after:b'],
    'stage',
    'c',
    ['mine', 'after:b', 'stage:c']
  ],
  [['stage:a', 'mine', 'after:b'], 'setup', null, ['mine', 'setup']],
  [['setup'], 'untagged', null, []]
] as const)('%j as %s %s', (tags, kind, stage, expected) => {
  expect(withRole(tags, kind, stage)).toEqual(expected);
});

test('a name is quoted where the line would be read otherwise', () => {
  expect([quoted('a-b.c'), quoted('a b'), quoted('a"b')]).toEqual([
    'a-b.c',
    '"a b"',
    '"a\\"b"'
  ]);
});
