import type { IRole } from './roles';

/**
 * What a cell is in the pipeline, whether its own tags say so or the cells above.
 */
export interface IPart {
  readonly kind: 'stage' | 'setup' | 'parameters' | 'skip';
  readonly stage: string | null;
  /** Whether the cell follows the one above because nothing on it says otherwise. */
  readonly inherited: boolean;
}

/**
 * The parts of all cells of a notebook.
 */
export interface ILayout {
  /** One for each cell; null for cells that hold no code. */
  readonly parts: readonly (IPart | null)[];
  /** Names of the stages, in the order of their first cells. */
  readonly stages: readonly string[];
  /** Whether the author has named a stage; without one, the notebook is one stage. */
  readonly isTagged: boolean;
}

export const EMPTY: ILayout = { parts: [], stages: [], isTagged: false };

/**
 * Give each cell its part, by the rules of the notebook contract.
 */
export function layOut(
  roles: readonly (IRole | null)[],
  fallback: string
): ILayout {
  const isTagged = roles.some(role => role?.kind === 'stage');
  const stages = new Set<string>();
  let current = isTagged ? null : fallback;
  const parts = roles.map((role): IPart | null => {
    if (role === null) {
      return null;
    }
    switch (role.kind) {
      case 'skip':
      case 'parameters':
      case 'setup':
        return { kind: role.kind, stage: null, inherited: false };
      case 'stage':
        current = role.stage;
        break;
      case 'untagged':
        if (current === null) {
          return { kind: 'setup', stage: null, inherited: true };
        }
        break;
    }
    stages.add(current ?? fallback);
    const inherited = role.kind === 'untagged';
    return { kind: 'stage', stage: current, inherited };
  });
  return { parts, stages: [...stages], isTagged };
}

/**
 * The cells of a stage, as indices.
 */
export function cellsOf(layout: ILayout, stage: string): number[] {
  return layout.parts.flatMap((part, index) =>
    part?.stage === stage ? [index] : []
  );
}

/**
 * Whether two parts say the same about a cell.
 */
export function samePart(a: IPart | null, b: IPart | null): boolean {
  return a?.kind === b?.kind && a?.stage === b?.stage;
}
