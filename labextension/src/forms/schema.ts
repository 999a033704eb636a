import type { JSONObject, JSONValue } from '@lumino/coreutils';

import { without } from '../notebook/settings';

/**
 * Make a JSON Schema of pydantic into one that a form shows well.
 *
 * References are resolved, "this or null" becomes an optional field, "this or that" what the value
 * is, and what has an editor of
 * its own is left out. The server still judges every value.
 */
export function formSchema(
  schema: JSONObject,
  omit: readonly string[] = [],
  value: JSONObject = {}
): JSONObject {
  // The heading above the form says title and description already.
  const result = without(
    simplified(schema, object(schema.$defs), value),
    '$defs',
    'title',
    'description'
  );
  return { ...result, properties: without(object(result.properties), ...omit) };
}

/**
 * Return the schema of one of several shapes, such as one kind of compute.
 */
export function definition(schema: JSONObject, name: string): JSONObject {
  return { ...object(object(schema.$defs)[name]), $defs: schema.$defs ?? {} };
}

/**
 * Leave out what says no more than the schema's defaults, except where the author said it.
 */
export function withoutDefaults(
  schema: JSONObject,
  data: JSONObject,
  said: JSONObject
): JSONObject {
  const properties = object(schema.properties);
  const result: JSONObject = {};
  for (const [name, value] of Object.entries(data)) {
    const field = object(properties[name]);
    if (value === undefined || value === null || value === '') {
      continue;
    }
    if (field.type === 'object' && isObject(value)) {
      const inner = withoutDefaults(field, value, object(said[name]));
      if (Object.keys(inner).length > 0) {
        result[name] = inner;
      }
    } else if (name in said || !equal(value, field.default)) {
      if (!(Array.isArray(value) && value.length === 0)) {
        result[name] = value;
      }
    }
  }
  return result;
}

function simplified(
  schema: JSONObject,
  definitions: JSONObject,
  value?: JSONValue
): JSONObject {
  const resolved = resolve(schema, definitions);
  const option = optionOf(resolved, definitions, value);
  if (option) {
    const rest = without(resolved, 'anyOf');
    return simplified({ ...option, ...set(rest) }, definitions, value);
  }
  const result: JSONObject = { ...resolved };
  if (typeof result.description === 'string') {
    result.description = result.description.replace(/``/g, '');
  }
  if (typeof result.title === 'string') {
    result.title = sentence(result.title);
  }
  for (const key of ['items', 'additionalProperties']) {
    if (isObject(result[key])) {
      result[key] = simplified(object(result[key]), definitions);
    }
  }
  if (isObject(resolved.properties)) {
    const values = object(value);
    result.properties = Object.fromEntries(
      Object.entries(resolved.properties).map(([name, field]) => [
        name,
        simplified(object(field), definitions, values[name])
      ])
    ) as JSONObject;
  }
  return result;
}

/**
 * Choose one of several shapes: that of the value, or else the first; a form shows only one.
 */
function optionOf(
  schema: JSONObject,
  definitions: JSONObject,
  value: JSONValue | undefined
): JSONObject | null {
  if (!Array.isArray(schema.anyOf)) {
    return null;
  }
  const options = schema.anyOf
    .map(option => resolve(object(option), definitions))
    .filter(({ type }) => type !== 'null');
  const type = Array.isArray(value) ? 'array' : typeof value;
  return options.find(option => option.type === type) ?? options[0] ?? null;
}

/** A default of null is no default of what remains. */
function set(schema: JSONObject): JSONObject {
  return schema.default === null ? without(schema, 'default') : schema;
}

function resolve(schema: JSONObject, definitions: JSONObject): JSONObject {
  if (typeof schema.$ref !== 'string') {
    return schema;
  }
  const { $ref, ...rest } = schema;
  const [name] = $ref.split('/').slice(-1);
  return { ...resolve(object(definitions[name]), definitions), ...rest };
}

/** `Max Delay` is how pydantic titles a field; people write `Max delay`. */
function sentence(title: string): string {
  return title.charAt(0) + title.slice(1).toLowerCase();
}

function object(value: unknown): JSONObject {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is JSONObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function equal(a: JSONValue, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
