import { expect, test } from 'vitest';

import {
  readSettings,
  withFields,
  writeSettings
} from '../../src/notebook/settings';

const NOTHING = { pipeline: {}, stages: {} };

test.each([[undefined], [null], [3], [[]], [{ stages: 3 }]])(
  '%j is read as nothing',
  raw => {
    expect(readSettings(raw)).toEqual(NOTHING);
  }
);

test('what is not ours to know stays', () => {
  const raw = { version: 1, future: 1, stages: { a: { kind: 'training' } } };

  expect(writeSettings(raw, NOTHING)).toEqual({ version: 1, future: 1 });
});

test('empty settings are no settings', () => {
  expect(
    writeSettings({ version: 1 }, { pipeline: {}, stages: { a: {} } })
  ).toBeNull();
});

test('unset fields are taken out', () => {
  const fields = { name: '', schedule: null, tags: {}, description: 'd' };

  expect(withFields({ name: 'n', other: 1 }, fields)).toEqual({
    other: 1,
    description: 'd'
  });
});
