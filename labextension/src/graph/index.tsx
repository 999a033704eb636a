import * as React from 'react';

import { usePanel, type ISectionProps } from '../panel/context';
import { cellsOf } from '../notebook/layout';
import { graphOf } from './data';
import { GraphPlace } from './place';

const Flow = React.lazy(() => import('./flow'));

/**
 * The graph of the notebook in front; a click on a stage selects its cells.
 */
export function PipelineGraph(
  props: ISectionProps & {
    chosen: string | null;
    onChoose: (stage: string) => void;
  }
): React.ReactElement | null {
  const { chosen, model, onChoose } = props;
  const { executions, trans } = usePanel();
  const { check, layout } = model;
  if (!check || check.stages.length === 0) {
    return (
      <p className="jp-Zflow-hint">
        {trans.__('There are no stages to draw yet.')}
      </p>
    );
  }
  const runs = executions.latest(model.path)?.stages ?? [];
  return (
    <GraphPlace>
      {size => (
        <Flow
          size={size}
          graph={graphOf(check, runs, layout.stages, trans)}
          chosen={chosen}
          trans={trans}
          onClick={stage => {
            onChoose(stage);
            void model.select(cellsOf(layout, stage));
          }}
          onConnect={
            layout.isTagged
              ? (from, to) => model.edits.setAfter(to, from, true)
              : undefined
          }
        />
      )}
    </GraphPlace>
  );
}
