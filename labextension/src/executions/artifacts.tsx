import * as React from 'react';

import type * as api from '../api';
import { useAnswer } from '../forms/stageForm';
import { usePanel } from '../panel/context';

/**
 * What a stage handed on: type, size, and the head of the value on demand.
 */
export function Artifacts({
  execution,
  stage
}: {
  execution: api.Execution;
  stage: string;
}): React.ReactElement | null {
  const { client, trans } = usePanel();
  const [all, failure] = useAnswer(async () => {
    const { hidden } = await client.status();
    return hidden.includes('artifacts') ? [] : client.artifacts(execution.id);
  });
  const own = (all ?? []).filter(artifact => artifact.stage === stage);
  if (failure || own.length === 0) {
    return failure ? <p className="jp-Zflow-hint">{failure}</p> : null;
  }
  return (
    <section aria-label={trans.__('Artifacts of %1', stage)}>
      <h4 className="jp-Zflow-subtitle">{trans.__('Artifacts')}</h4>
      {own.map(artifact => (
        <details key={artifact.name} className="jp-Zflow-diff">
          <summary>
            <span className="jp-Zflow-code">{artifact.name}</span>
            <span className="jp-Zflow-where">
              {[artifact.type, sizeOf(artifact.size), artifact.detail]
                .filter(Boolean)
                .join(' · ')}
            </span>
          </summary>
          <Preview execution={execution} artifact={artifact} />
        </details>
      ))}
    </section>
  );
}

function Preview(props: {
  execution: api.Execution;
  artifact: api.Artifact;
}): React.ReactElement {
  const { artifact, execution } = props;
  const { trans } = usePanel();
  const [isOpen, setOpen] = React.useState(false);
  return isOpen ? (
    <Value id={execution.id} artifact={artifact} />
  ) : (
    <button
      type="button"
      className="jp-Zflow-link"
      onClick={() => setOpen(true)}
    >
      {trans.__('Show the beginning')}
    </button>
  );
}

function Value(props: {
  id: string;
  artifact: api.Artifact;
}): React.ReactElement {
  const { artifact, id } = props;
  const { client, trans } = usePanel();
  const [answer, failure] = useAnswer(() =>
    client.artifact(id, artifact.stage, artifact.name)
  );
  const preview = answer?.preview;
  if (!preview) {
    return (
      <p className="jp-Zflow-hint" role="status">
        {failure || (answer ? '' : trans.__('Loading…'))}
      </p>
    );
  }
  if (preview.kind === 'table' && preview.rows) {
    return (
      <table className="jp-Zflow-table jp-Zflow-code">
        <thead>
          <tr>
            <th scope="col" aria-label={trans.__('Index')} />
            {preview.columns?.map(column => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row, index) => (
            <tr key={index}>
              {row.map((text, column) => (
                <td key={column}>{text}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    );
  }
  return (
    <pre className="jp-Zflow-log" tabIndex={0}>
      {preview.text}
    </pre>
  );
}

function sizeOf(bytes: number | null): string {
  if (bytes === null) {
    return '';
  }
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const unit = Math.min(
    units.length - 1,
    Math.floor(Math.log2(Math.max(bytes, 1)) / 10)
  );
  const value = bytes / 1024 ** unit;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
