import type { TranslationBundle } from '@jupyterlab/translation';

import type * as api from '../api';
import { asks } from '../panel/asks';

/** A stage as the graph draws it. */
export interface IGraphStage {
  readonly name: string;
  readonly detail: string;
  /** Position among the stages, which decides the colour. */
  readonly rank: number;
  /** Whether it runs only under a condition, or once for each of several values. */
  readonly note: string;
  readonly run: api.StageRun | null;
}

/** Everything that goes from one stage to another. */
export interface IGraphEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly title: string;
  readonly isOrder: boolean;
}

export interface IGraph {
  readonly stages: readonly IGraphStage[];
  readonly edges: readonly IGraphEdge[];
}

const LONGEST = 20;

/**
 * Make a graph of what a check found and how an execution fares with it.
 */
export function graphOf(
  check: Pick<api.Check, 'stages' | 'links'>,
  runs: readonly api.StageRun[],
  ranks: readonly string[],
  trans: TranslationBundle
): IGraph {
  return {
    stages: check.stages.map(stage => ({
      name: stage.name,
      detail: asks(stage),
      rank: Math.max(0, ranks.indexOf(stage.name)),
      note: noteOf(stage.settings, trans),
      run: runs.find(run => run.name === stage.name) ?? null
    })),
    edges: edgesOf(check.links, trans)
  };
}

/**
 * Draw one line between two stages, whatever number of things it carries.
 */
function edgesOf(
  links: readonly api.Link[],
  trans: TranslationBundle
): IGraphEdge[] {
  const pairs = new Map<string, api.Link[]>();
  for (const link of links) {
    const id = JSON.stringify([link.producer, link.consumer]);
    pairs.set(id, [...(pairs.get(id) ?? []), link]);
  }
  return [...pairs].map(([id, group]) => {
    const names = group.flatMap(link => link.names.filter(Boolean));
    const isOrder = group.every(link => link.kind === 'order');
    const whole = names.join(', ');
    return {
      id,
      from: group[0].producer,
      to: group[0].consumer,
      isOrder,
      label: isOrder ? trans.__('order') : shortened(names),
      title: isOrder ? trans.__('an order without data') : whole
    };
  });
}

function shortened(names: readonly string[]): string {
  let text = '';
  for (const [index, name] of names.entries()) {
    const next = index === 0 ? name : `${text}, ${name}`;
    if (next.length > LONGEST) {
      const rest = names.length - index;
      return index === 0
        ? `${name.slice(0, LONGEST - 1)}…${rest > 1 ? ` +${rest - 1}` : ''}`
        : `${text} +${rest}`;
    }
    text = next;
  }
  return text;
}

function noteOf(
  settings: { readonly [key: string]: unknown },
  trans: TranslationBundle
): string {
  if (typeof settings.for_each === 'string') {
    return trans.__('for each %1', settings.for_each);
  }
  return typeof settings.when === 'string'
    ? trans.__('when %1', settings.when)
    : '';
}
