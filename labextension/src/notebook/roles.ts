/**
 * What one cell's tags and its `%%stage` line say about it.
 *
 * The server is the judge of a notebook; this is the part of its contract that has to be seen
 * while somebody types, so it is read here as well.
 */

export type RoleKind = 'stage' | 'setup' | 'parameters' | 'skip' | 'untagged';

/** A `%%stage` line, and where in the cell's source the name stands. */
export interface IStageMagic {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

export interface IRole {
  readonly kind: RoleKind;
  /** The stage that the cell names; null unless `kind` is `stage`. */
  readonly stage: string | null;
  readonly after: readonly string[];
  readonly magic: IStageMagic | null;
}

const STAGE_LINE = /^(\s*%%stage)(?=[ \t]|\r?\n|$)([^\n]*)/;
const WORD = /"((?:\\.|[^"\\])*)"|'([^']*)'|[^\s"']+/g;
const FLAGS = ['--spot'];
const OWN = /^(?:stage|after):/;

/** Roles in the order in which they win over each other. */
const ROLES = ['skip', 'parameters', 'setup'] as const;

/**
 * Read the role of a code cell.
 */
export function readRole(tags: readonly string[], source: string): IRole {
  const magic = stageMagic(source);
  const after = named(tags, 'after');
  const role = ROLES.find(name => tags.includes(name));
  if (role) {
    return { kind: role, stage: null, after, magic };
  }
  const [stage] = [...named(tags, 'stage'), magic?.name ?? ''].filter(Boolean);
  return stage
    ? { kind: 'stage', stage, after, magic }
    : { kind: 'untagged', stage: null, after, magic };
}

/**
 * Find the name in a cell's `%%stage` line.
 */
export function stageMagic(source: string): IStageMagic | null {
  const line = STAGE_LINE.exec(source);
  if (!line) {
    return null;
  }
  const offset = line.index + line[1].length;
  let isValue = false;
  for (const word of line[2].matchAll(WORD)) {
    const [text] = word;
    if (isValue) {
      isValue = false;
    } else if (text.startsWith('--')) {
      isValue = !text.includes('=') && !FLAGS.includes(text);
    } else {
      const start = offset + (word.index ?? 0);
      const name = word[1] ?? word[2] ?? text;
      return { name, start, end: start + text.length };
    }
  }
  return null;
}

/**
 * Write a name as one word of a magic's line.
 */
export function quoted(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * Return the tags with the cell's role replaced; foreign tags and orders stay.
 */
export function withRole(
  tags: readonly string[],
  kind: RoleKind,
  stage: string | null
): string[] {
  const foreign = tags.filter(
    tag => !tag.startsWith('stage:') && !ROLES.some(role => role === tag)
  );
  switch (kind) {
    case 'stage':
      return [...foreign, `stage:${stage}`];
    case 'untagged':
      return foreign;
    default:
      // An order has no meaning on a cell that is in no stage.
      return [...foreign.filter(tag => !tag.startsWith('after:')), kind];
  }
}

/**
 * Whether a tag belongs to the notebook contract.
 */
export function isOwnTag(tag: string): boolean {
  return OWN.test(tag) || ROLES.some(role => role === tag);
}

function named(tags: readonly string[], key: 'stage' | 'after'): string[] {
  return tags
    .filter(tag => tag.startsWith(`${key}:`))
    .map(tag => tag.slice(key.length + 1).trim())
    .filter(Boolean);
}
