import type { JSONObject, JSONValue } from '@lumino/coreutils';

/**
 * The notebook's `zflow` metadata: settings of the pipeline and of each stage.
 *
 * Other tools write it, too, so a reader takes what has the right shape and a writer changes only
 * what it is about.
 */
export interface ISettings {
  readonly pipeline: JSONObject;
  readonly stages: { readonly [stage: string]: JSONObject };
}

const VERSION = 1;

/**
 * Read settings from whatever the metadata holds.
 */
export function readSettings(raw: unknown): ISettings {
  const content = object(raw);
  const stages = object(content.stages);
  return {
    pipeline: object(content.pipeline),
    stages: Object.fromEntries(
      Object.entries(stages).map(([name, value]) => [name, object(value)])
    )
  };
}

/**
 * Put settings back, beside the fields that are not ours to know; null when nothing is left.
 */
export function writeSettings(
  raw: unknown,
  settings: ISettings
): JSONObject | null {
  const rest = without(object(raw), 'version', 'pipeline', 'stages');
  const stages = Object.fromEntries(
    Object.entries(settings.stages).filter(([, value]) => !isEmpty(value))
  );
  const content: JSONObject = { ...rest };
  if (!isEmpty(settings.pipeline)) {
    content.pipeline = settings.pipeline;
  }
  if (!isEmpty(stages)) {
    content.stages = stages;
  }
  return isEmpty(content) ? null : { version: VERSION, ...content };
}

/**
 * Return a copy with some fields set; those that are undefined, null or empty are taken out.
 */
export function withFields(
  value: JSONObject,
  fields: { readonly [key: string]: JSONValue | undefined }
): JSONObject {
  const result = { ...value, ...fields };
  return Object.fromEntries(
    Object.entries(result).filter(([, field]) => !isUnset(field))
  ) as JSONObject;
}

/**
 * Return a copy without some fields.
 */
export function without<T>(
  value: { readonly [name: string]: T },
  ...names: readonly string[]
): { [name: string]: T } {
  return Object.fromEntries(
    Object.entries(value).filter(([name]) => !names.includes(name))
  );
}

function isUnset(value: JSONValue | undefined): boolean {
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    (typeof value === 'object' && Object.keys(value).length === 0)
  );
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

function object(value: unknown): JSONObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JSONObject)
    : {};
}
