import { expect, test } from 'vitest';

import {
  inputOf,
  parseInput,
  shownValue
} from '../../src/panel/parameterInput';

test.each([
  ['int', 1, { kind: 'number', isInteger: true }],
  ['float | None', null, { kind: 'number', isInteger: false }],
  ['Optional[str]', null, { kind: 'text' }],
  ['bool', true, { kind: 'flag' }],
  [
    'Literal["a", \'b\', 3, True]',
    'a',
    { kind: 'choice', options: ['a', 'b', 3, true] }
  ],
  ['Literal[Mode.fast]', 'a', { kind: 'json' }],
  ['list[int]', [1], { kind: 'json' }],
  [null, 'text', { kind: 'text' }],
  [null, 1.5, { kind: 'number', isInteger: false }],
  [null, [1], { kind: 'json' }],
  [null, null, { kind: 'json' }]
])('%s = %j', (annotation, value, expected) => {
  const parameter = { name: 'p', default: value, annotation, help: '' };

  expect(inputOf(parameter)).toEqual(expected);
});

test.each([
  ['text', '3', '3'],
  ['json', '[1, 2]', [1, 2]],
  ['number', '3', 3],
  ['json', ' ', undefined]
] as const)('%s %j is read as %j', (kind, text, expected) => {
  const input = kind === 'number' ? { kind, isInteger: true } : { kind };

  expect(parseInput(text, input)).toEqual(expected);
});

test('what is no value is refused', () => {
  expect(() => parseInput('[1', { kind: 'json' })).toThrow();
  expect(() => parseInput('true', { kind: 'number', isInteger: true })).toThrow(
    'true is not a number.'
  );
});

test('a value is shown as it is typed', () => {
  expect([
    shownValue('a', { kind: 'text' }),
    shownValue('a', { kind: 'json' }),
    shownValue(null, { kind: 'json' })
  ]).toEqual(['a', '"a"', '']);
});
