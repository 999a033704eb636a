import type { JSONValue } from '@lumino/coreutils';

import type * as api from '../api';

/** How a parameter's value is asked for. */
export type ParameterInput =
  | { readonly kind: 'flag' | 'text' | 'json' }
  | { readonly kind: 'number'; readonly isInteger: boolean }
  | { readonly kind: 'choice'; readonly options: readonly JSONValue[] };

/**
 * Choose an input for a parameter, by its annotation or else by its default.
 */
export function inputOf(parameter: api.Parameter): ParameterInput {
  const annotation = (parameter.annotation ?? '')
    .replace(/^(?:typing\.)?Optional\[(.*)\]$/, '$1')
    .replace(/\s*\|\s*None$/, '')
    .trim();
  const options = literals(annotation);
  if (options) {
    return { kind: 'choice', options };
  }
  switch (annotation || typeOf(parameter.default)) {
    case 'bool':
      return { kind: 'flag' };
    case 'int':
      return { kind: 'number', isInteger: true };
    case 'float':
      return { kind: 'number', isInteger: false };
    case 'str':
      return { kind: 'text' };
    default:
      return { kind: 'json' };
  }
}

/**
 * Read what was typed; undefined when it is nothing, an error when it is not a value.
 */
export function parseInput(
  text: string,
  input: ParameterInput
): JSONValue | undefined {
  if (text.trim() === '') {
    return undefined;
  }
  if (input.kind === 'text') {
    return text;
  }
  const value = JSON.parse(text) as JSONValue;
  if (input.kind === 'number' && typeof value !== 'number') {
    throw new SyntaxError(`${text} is not a number.`);
  }
  return value;
}

/**
 * Show a value the way that it is typed.
 */
export function shownValue(value: unknown, input: ParameterInput): string {
  if (value === undefined || value === null) {
    return '';
  }
  return input.kind === 'text' && typeof value === 'string'
    ? value
    : JSON.stringify(value);
}

function literals(annotation: string): JSONValue[] | null {
  const match = /^(?:typing\.)?Literal\[(.*)\]$/.exec(annotation);
  if (!match) {
    return null;
  }
  const python = match[1]
    .replace(/'((?:\\.|[^'\\"])*)'/g, '"$1"')
    .replace(/\bTrue\b/g, 'true')
    .replace(/\bFalse\b/g, 'false')
    .replace(/\bNone\b/g, 'null')
    .replace(/,\s*$/, '');
  try {
    return JSON.parse(`[${python}]`) as JSONValue[];
  } catch {
    // Python that is no JSON, such as an Enum's member: the text is typed instead.
    return null;
  }
}

function typeOf(value: unknown): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'string':
      return 'str';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    default:
      return '';
  }
}
