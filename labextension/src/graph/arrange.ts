import dagre from '@dagrejs/dagre';

import type { IGraph } from './data';

/** Where a stage is drawn: its upper left corner. */
export interface IPosition {
  readonly x: number;
  readonly y: number;
}

export const WIDTH = 132;
export const HEIGHT = 40;
const CHARACTER = 5;

/**
 * Lay the stages out from top to bottom, with room for what the lines say.
 */
export function arrange(graph: IGraph): Map<string, IPosition> {
  const layout = new dagre.graphlib.Graph();
  layout.setGraph({ rankdir: 'TB', nodesep: 14, ranksep: 30, edgesep: 8 });
  layout.setDefaultEdgeLabel(() => ({}));
  for (const { name } of graph.stages) {
    layout.setNode(name, { width: WIDTH, height: HEIGHT });
  }
  for (const { from, to, label } of graph.edges) {
    if (layout.hasNode(from) && layout.hasNode(to)) {
      layout.setEdge(from, to, {
        width: label.length * CHARACTER,
        height: 16,
        labelpos: 'c'
      });
    }
  }
  dagre.layout(layout);
  return new Map(
    graph.stages.map(({ name }) => {
      const { x, y } = layout.node(name);
      return [name, { x: x - WIDTH / 2, y: y - HEIGHT / 2 }];
    })
  );
}
