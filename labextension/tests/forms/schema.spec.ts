import type { JSONObject } from '@lumino/coreutils';
import { expect, test } from 'vitest';

import { formSchema, withoutDefaults } from '../../src/forms/schema';

/** As pydantic writes it. */
const SCHEMA: JSONObject = {
  $defs: {
    Retry: {
      type: 'object',
      title: 'Retry',
      properties: {
        max_attempts: { type: 'integer', default: 2, title: 'Max Attempts' }
      }
    }
  },
  title: 'StageSettings',
  description: 'What may be said.',
  type: 'object',
  properties: {
    compute: { type: 'object' },
    retry: {
      anyOf: [
        { $ref: '#/$defs/Retry' },
        { type: 'array', items: { $ref: '#/$defs/Retry' } },
        { type: 'null' }
      ],
      default: null
    },
    timeout: {
      anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }],
      default: null,
      description: 'Seconds, ``1`` or more.',
      title: 'Timeout'
    },
    environment: { type: 'object', additionalProperties: { type: 'string' } }
  }
};

test('"this or null" is an optional field, references are resolved', () => {
  expect(formSchema(SCHEMA, ['compute'])).toEqual({
    type: 'object',
    properties: {
      retry: {
        type: 'object',
        title: 'Retry',
        properties: {
          max_attempts: { type: 'integer', default: 2, title: 'Max attempts' }
        }
      },
      timeout: {
        type: 'integer',
        minimum: 1,
        description: 'Seconds, 1 or more.',
        title: 'Timeout'
      },
      environment: {
        type: 'object',
        additionalProperties: { type: 'string' }
      }
    }
  });
});

test('of several shapes the form shows that of the value', () => {
  const { properties } = formSchema(SCHEMA, [], { retry: [] });

  expect((properties as JSONObject).retry).toMatchObject({
    type: 'array',
    items: { type: 'object', title: 'Retry' }
  });
});

test.each([
  ['a default that nobody said', { retry: { max_attempts: 2 } }, {}, {}],
  [
    'a default that the author said',
    { retry: { max_attempts: 2 } },
    { retry: { max_attempts: 2 } },
    { retry: { max_attempts: 2 } }
  ],
  ['another value', { timeout: 5, retry: {} }, {}, { timeout: 5 }],
  [
    'a field of a mapping',
    { environment: { A: '1' } },
    {},
    { environment: { A: '1' } }
  ]
])('%s', (_, data, said, expected) => {
  const schema = formSchema(SCHEMA);

  expect(withoutDefaults(schema, data, said)).toEqual(expected);
});
