import { Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import * as React from 'react';

import type * as api from '../api';
import { duration } from '../cells/status';
import { reason } from '../client';
import { useAnswer } from '../forms/stageForm';
import { graphOf } from '../graph/data';
import { GraphPlace } from '../graph/place';
import { usePanel } from '../panel/context';
import { place } from '../panel/findings';
import { CommandIDs } from '../tokens';
import { Artifacts } from './artifacts';
import { Log } from './log';

const Flow = React.lazy(() => import('../graph/flow'));

/**
 * One execution: its graph as it goes, its stages, and what the chosen stage left.
 */
export function ExecutionDetail({
  execution
}: {
  execution: api.Execution;
}): React.ReactElement {
  const { trans } = usePanel();
  const failed = execution.error?.stage ?? null;
  const [stage, setStage] = React.useState<string | null>(failed);
  const run = execution.stages.find(({ name }) => name === stage);
  return (
    <section
      className="jp-Zflow-executionDetail"
      aria-label={trans.__('Execution of %1', execution.pipeline)}
    >
      <Head execution={execution} />
      {execution.error && <Failure execution={execution} />}
      <Graph execution={execution} chosen={stage} onChoose={setStage} />
      <Stages execution={execution} chosen={stage} onChoose={setStage} />
      {run && (
        <React.Fragment key={run.name}>
          <h3 className="jp-Zflow-subtitle">{run.name}</h3>
          <Metrics run={run} />
          {run.error?.traceback && (
            <pre className="jp-Zflow-log" tabIndex={0}>
              {plain(run.error.traceback)}
            </pre>
          )}
          <Log execution={execution} stage={run.name} />
          <Artifacts key={run.status} execution={execution} stage={run.name} />
        </React.Fragment>
      )}
    </section>
  );
}

function Head({ execution }: { execution: api.Execution }): React.ReactElement {
  const { commands, executions, trans } = usePanel();
  const { id, path, pipeline, seconds, status } = execution;
  const again = (from: string | null): void => {
    if (path !== null) {
      void executions
        .start({ path, parameters: { ...execution.parameters }, from })
        .then(
          ({ id: execution }) =>
            commands.execute(CommandIDs.openExecutions, { execution }),
          (error: unknown) =>
            Notification.error(reason(error), { autoClose: false })
        );
    }
  };
  const failed = execution.error?.stage ?? null;
  return (
    <header className="jp-Zflow-header">
      <div className="jp-Zflow-row">
        <h2 className="jp-Zflow-title">{pipeline}</h2>
        <span className="jp-Zflow-status" data-status={status} role="status">
          {status}
        </span>
        {seconds !== null && (
          <span className="jp-Zflow-where">{duration(seconds)}</span>
        )}
      </div>
      {Object.keys(execution.parameters).length > 0 && (
        <p className="jp-Zflow-code jp-Zflow-wrap">
          {Object.entries(execution.parameters)
            .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
            .join('  ')}
        </p>
      )}
      <div className="jp-Zflow-actions">
        {status === 'RUNNING' ? (
          <button
            type="button"
            className="jp-mod-styled jp-mod-small jp-mod-warn"
            onClick={() =>
              void commands.execute(CommandIDs.stopExecution, {
                execution: id
              })
            }
          >
            {trans.__('Stop')}
          </button>
        ) : (
          path !== null &&
          commands.isVisible(CommandIDs.runPipeline) && (
            <>
              <button
                type="button"
                className="jp-mod-styled jp-mod-small"
                onClick={() => again(null)}
              >
                {trans.__('Run again')}
              </button>
              {path.endsWith('.ipynb') && (
                <button
                  type="button"
                  className="jp-mod-styled jp-mod-small"
                  onClick={() =>
                    void commands.execute(CommandIDs.prepareExecution, {
                      execution: id
                    })
                  }
                >
                  {trans.__('Edit parameters…')}
                </button>
              )}
              {failed && (
                <button
                  type="button"
                  className="jp-mod-styled jp-mod-small"
                  onClick={() => again(failed)}
                >
                  {trans.__('Run again from %1', failed)}
                </button>
              )}
            </>
          )
        )}
      </div>
    </header>
  );
}

function Failure({
  execution
}: {
  execution: api.Execution;
}): React.ReactElement | null {
  const { commands, trans } = usePanel();
  const { error, id } = execution;
  if (!error) {
    return null;
  }
  const where = [error.stage, place(error, trans)].filter(Boolean).join(', ');
  return (
    <div className="jp-Zflow-banner" role="alert">
      <p className="jp-Zflow-failure">
        {[where, error.name, error.message].filter(Boolean).join(': ')}
      </p>
      {error.stage && commands.isVisible(CommandIDs.debugStage) && (
        <button
          type="button"
          className="jp-mod-styled jp-mod-small jp-mod-accept"
          onClick={() =>
            void commands.execute(CommandIDs.debugStage, {
              execution: id,
              stage: error.stage
            })
          }
        >
          {trans.__('Debug here')}
        </button>
      )}
    </div>
  );
}

function Graph(props: {
  execution: api.Execution;
  chosen: string | null;
  onChoose: (stage: string) => void;
}): React.ReactElement | null {
  const { chosen, execution, onChoose } = props;
  const { client, trans } = usePanel();
  const [check] = useAnswer(async () =>
    execution.path?.endsWith('.ipynb')
      ? client.check({ path: execution.path })
      : null
  );
  const names = execution.stages.map(({ name }) => name);
  const isSame =
    check?.stages.length === names.length &&
    check.stages.every(({ name }) => names.includes(name));
  if (!isSame) {
    // The notebook has other stages by now: its graph is not this execution's.
    return null;
  }
  return (
    <GraphPlace>
      {size => (
        <Flow
          size={size}
          graph={graphOf(check, execution.stages, names, trans)}
          chosen={chosen}
          trans={trans}
          onClick={onChoose}
        />
      )}
    </GraphPlace>
  );
}

function Stages(props: {
  execution: api.Execution;
  chosen: string | null;
  onChoose: (stage: string) => void;
}): React.ReactElement {
  const { chosen, execution, onChoose } = props;
  const { commands, trans } = usePanel();
  return (
    <table className="jp-Zflow-table">
      <thead>
        <tr>
          <th scope="col">{trans.__('Stage')}</th>
          <th scope="col">{trans.__('Status')}</th>
          <th scope="col">{trans.__('Cells')}</th>
          <th scope="col">{trans.__('Time')}</th>
          <th scope="col">{trans.__('Notebook')}</th>
        </tr>
      </thead>
      <tbody>
        {execution.stages.map(run => (
          <tr key={run.name} data-status={run.status}>
            <td>
              <button
                type="button"
                className="jp-Zflow-link"
                aria-pressed={run.name === chosen}
                onClick={() => onChoose(run.name)}
              >
                {run.name}
              </button>
            </td>
            <td className="jp-Zflow-status">{run.status}</td>
            <td>
              {run.cell !== null && run.of !== null && (
                <>
                  {run.cell}/{run.of}{' '}
                  <progress
                    className="jp-Zflow-progress"
                    aria-label={trans.__('Cells of %1', run.name)}
                    value={run.cell}
                    max={run.of}
                  />
                </>
              )}
            </td>
            <td>{run.seconds === null ? '' : duration(run.seconds)}</td>
            <td>
              {run.notebook !== null && (
                <button
                  type="button"
                  className="jp-Zflow-link"
                  onClick={() =>
                    void commands.execute('docmanager:open', {
                      path: run.notebook
                    })
                  }
                >
                  {PathExt.basename(run.notebook)}
                </button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Metrics({ run }: { run: api.StageRun }): React.ReactElement | null {
  const { trans } = usePanel();
  const rows = [...Object.entries(run.metrics), ...Object.entries(run.outputs)];
  if (rows.length === 0) {
    return null;
  }
  return (
    <table className="jp-Zflow-table">
      <thead>
        <tr>
          <th scope="col">{trans.__('Output')}</th>
          <th scope="col">{trans.__('Value')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, value]) => (
          <tr key={name}>
            <td className="jp-Zflow-code">{name}</td>
            <td className="jp-Zflow-code">{JSON.stringify(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Return a traceback without the terminal's colours. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- an escape is what is looked for
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}
