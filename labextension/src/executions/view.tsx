import { UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import type * as api from '../api';
import { duration } from '../cells/status';
import { PanelContext, usePanel, type IPanelContext } from '../panel/context';
import { CommandIDs } from '../tokens';
import { ExecutionDetail } from './detail';

/**
 * The executions as a list, and the chosen one beside it.
 */
export function ExecutionsBody({
  chosen,
  onChoose,
  ...context
}: IPanelContext & {
  chosen: string | null;
  onChoose: (id: string | null) => void;
}): React.ReactElement {
  const { executions } = context;
  React.useEffect(() => {
    void executions.refresh();
  }, [executions]);
  return (
    <PanelContext.Provider value={context}>
      <UseSignal signal={executions.changed}>
        {() => <Executions chosen={chosen} onChoose={onChoose} />}
      </UseSignal>
    </PanelContext.Provider>
  );
}

function Executions(props: {
  chosen: string | null;
  onChoose: (id: string | null) => void;
}): React.ReactElement {
  const { onChoose } = props;
  const { executions, trans } = usePanel();
  const [wanted, setWanted] = React.useState('');
  const shown = executions.list.filter(
    ({ status }) => wanted === '' || status === wanted
  );
  const chosen = executions.list.find(({ id }) => id === props.chosen);
  return (
    <div className="jp-Zflow-executions">
      <section
        className="jp-Zflow-executionList"
        aria-label={trans.__('Executions')}
      >
        <header className="jp-Zflow-row">
          <h2 className="jp-Zflow-title">{trans.__('Executions')}</h2>
          <select
            className="jp-mod-styled jp-Zflow-input"
            aria-label={trans.__('Only those with the status')}
            value={wanted}
            onChange={event => setWanted(event.target.value)}
          >
            <option value="">{trans.__('all')}</option>
            {STATUSES.map(status => (
              <option key={status} value={status}>
                {status}
              </option>
            ))}
          </select>
          <button
            type="button"
            className="jp-mod-styled jp-mod-small"
            onClick={() => void executions.refresh()}
          >
            {trans.__('Refresh')}
          </button>
        </header>
        {executions.failure && (
          <p className="jp-Zflow-failure" role="alert">
            {executions.failure}
          </p>
        )}
        {shown.length === 0 && (
          <p className="jp-Zflow-hint">{trans.__('There are none yet.')}</p>
        )}
        <ul className="jp-Zflow-list">
          {shown.map(execution => (
            <Item
              key={execution.id}
              execution={execution}
              isChosen={execution.id === props.chosen}
              onChoose={onChoose}
            />
          ))}
        </ul>
      </section>
      {chosen ? (
        <ExecutionDetail key={chosen.id} execution={chosen} />
      ) : (
        <p className="jp-Zflow-hint">
          {trans.__('Choose an execution to see how it went.')}
        </p>
      )}
    </div>
  );
}

const STATUSES: readonly api.ExecutionStatus[] = [
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
  'TIMED_OUT',
  'ABORTED'
];

function Item(props: {
  execution: api.Execution;
  isChosen: boolean;
  onChoose: (id: string) => void;
}): React.ReactElement {
  const { execution, isChosen, onChoose } = props;
  const { commands, trans } = usePanel();
  const { id, pipeline, seconds, started, status } = execution;
  return (
    <li className="jp-Zflow-row jp-Zflow-execution" data-status={status}>
      <button
        type="button"
        className="jp-Zflow-item"
        aria-pressed={isChosen}
        onClick={() => onChoose(id)}
      >
        <span className="jp-Zflow-itemTitle">{pipeline}</span>
        <span className="jp-Zflow-status">{status}</span>
        <span className="jp-Zflow-text jp-Zflow-label">
          {started ? new Date(started).toLocaleString() : ''}
          {seconds === null ? '' : ` · ${duration(seconds)}`}
        </span>
      </button>
      {status === 'RUNNING' && (
        <button
          type="button"
          className="jp-mod-styled jp-mod-small jp-mod-warn"
          aria-label={trans.__('Stop %1', pipeline)}
          onClick={() =>
            void commands.execute(CommandIDs.stopExecution, { execution: id })
          }
        >
          {trans.__('Stop')}
        </button>
      )}
    </li>
  );
}
