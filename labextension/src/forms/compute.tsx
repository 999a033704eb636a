import type { JSONObject, JSONValue } from '@lumino/coreutils';
import * as React from 'react';

import type * as api from '../api';
import { without } from '../notebook/settings';
import { Lazy } from '../panel/lazy';
import { usePanel } from '../panel/context';
import { search, sizeOf } from './instances';
import { definition, formSchema } from './schema';
import { Fields, useAnswer } from './stageForm';

type Backend = 'default' | 'sagemaker' | 'slurm' | 'databricks' | 'local';

/** Schema of each backend's compute, and what has an editor of its own. */
const SHAPES = {
  sagemaker: { name: 'SageMakerCompute', omit: ['backend', 'instance_type'] },
  slurm: { name: 'SlurmCompute', omit: ['backend', 'queue'] },
  databricks: { name: 'DatabricksCompute', omit: ['backend', 'cluster'] }
} as const;

const MOST = 60;

/**
 * Where a stage runs: an instance type, a queue of the HPC cluster, Databricks, or here.
 */
export function ComputePicker(props: {
  compute: JSONValue;
  schema: JSONObject;
  kind: string | null;
  onCommit: (compute: JSONValue | null) => void;
}): React.ReactElement {
  const { kind, onCommit, schema } = props;
  const { client, translator, trans } = usePanel();
  const [choices] = useAnswer(() => client.instances());
  const compute = spelledOut(props.compute);
  const backend = backendOf(compute);
  const choose = (next: Backend): void => {
    switch (next) {
      case 'default':
        return onCommit(null);
      case 'sagemaker':
        return onCommit(choices?.default ?? 'ml.m5.large');
      case 'slurm':
        return onCommit({ queue: choices?.partitions[0]?.name ?? 'default' });
      case 'databricks':
        return onCommit({ backend: 'databricks' });
      case 'local':
        return onCommit('local');
    }
  };
  const labels: Record<Backend, string> = {
    default: trans.__('Default (%1)', choices?.default ?? '…'),
    sagemaker: trans.__('SageMaker instance'),
    slurm: trans.__('HPC queue'),
    databricks: trans.__('Databricks'),
    local: trans.__('This machine only')
  };
  const shape =
    backend === 'default' || backend === 'local' ? null : SHAPES[backend];
  const own = shape ? without(compute, ...shape.omit) : {};
  return (
    <fieldset className="jp-Zflow-compute">
      <legend className="jp-Zflow-label">{trans.__('Compute')}</legend>
      <select
        className="jp-mod-styled jp-Zflow-input"
        aria-label={trans.__('Where the stage runs')}
        value={backend}
        onChange={event => choose(event.target.value as Backend)}
      >
        {Object.entries(labels).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      {backend === 'sagemaker' && (
        <InstancePicker
          instances={choices?.instances ?? []}
          kind={kind}
          value={String(compute.instance_type ?? '')}
          onPick={instance_type =>
            onCommit(short({ ...compute, instance_type }))
          }
        />
      )}
      {backend === 'slurm' && (
        <QueuePicker
          partitions={choices?.partitions ?? []}
          value={String(compute.queue ?? '')}
          onPick={queue => onCommit({ ...compute, queue })}
        />
      )}
      {shape && (
        <details
          className="jp-Zflow-moreSettings"
          open={backend !== 'sagemaker'}
        >
          <summary>{trans.__('More about it')}</summary>
          <Lazy>
            <Fields
              key={shape.name}
              schema={formSchema(definition(schema, shape.name), shape.omit)}
              value={own}
              translator={translator}
              onCommit={value =>
                onCommit(short({ ...kept(compute, shape.omit), ...value }))
              }
            />
          </Lazy>
        </details>
      )}
    </fieldset>
  );
}

function InstancePicker(props: {
  instances: readonly api.Instance[];
  kind: string | null;
  value: string;
  onPick: (name: string) => void;
}): React.ReactElement {
  const { instances, kind, onPick, value } = props;
  const { trans } = usePanel();
  const [text, setText] = React.useState('');
  const [hasGpu, setHasGpu] = React.useState(false);
  const found = search(instances, { text, kind, hasGpu });
  const current = instances.find(({ name }) => name === value);
  return (
    <div className="jp-Zflow-instances">
      <p className="jp-Zflow-picked">
        <span className="jp-Zflow-code">{value}</span>
        {current && <span className="jp-Zflow-where">{sizeOf(current)}</span>}
      </p>
      <div className="jp-Zflow-row">
        <input
          type="search"
          className="jp-mod-styled jp-Zflow-input"
          aria-label={trans.__('Search instance types')}
          placeholder={trans.__('Search: g5, 16 vcpu, a10g')}
          value={text}
          onChange={event => setText(event.target.value)}
        />
        <label className="jp-Zflow-check">
          <input
            type="checkbox"
            checked={hasGpu}
            onChange={event => setHasGpu(event.target.checked)}
          />
          {trans.__('GPU')}
        </label>
      </div>
      <ul className="jp-Zflow-options" aria-label={trans.__('Instance types')}>
        {found.slice(0, MOST).map(instance => (
          <li key={instance.name}>
            <button
              type="button"
              className="jp-Zflow-option"
              aria-pressed={instance.name === value}
              onClick={() => onPick(instance.name)}
            >
              <span className="jp-Zflow-code">{instance.name}</span>
              <span className="jp-Zflow-where">{sizeOf(instance)}</span>
            </button>
          </li>
        ))}
      </ul>
      <p className="jp-Zflow-label" role="status">
        {found.length > MOST
          ? trans.__('%1 of %2 types shown', MOST, found.length)
          : trans._n('%1 type', '%1 types', found.length)}
      </p>
    </div>
  );
}

function QueuePicker(props: {
  partitions: readonly api.Partition[];
  value: string;
  onPick: (queue: string) => void;
}): React.ReactElement {
  const { onPick, partitions, value } = props;
  const { trans } = usePanel();
  const id = React.useId();
  const [text, setText] = React.useState(value);
  React.useEffect(() => setText(value), [value]);
  return (
    <label className="jp-Zflow-field">
      <span className="jp-Zflow-label">{trans.__('Queue')}</span>
      <input
        type="text"
        className="jp-mod-styled jp-Zflow-input"
        list={id}
        value={text}
        onChange={event => setText(event.target.value)}
        onBlur={() => text.trim() && text !== value && onPick(text.trim())}
      />
      <datalist id={id}>
        {partitions.map(({ description, name }) => (
          <option key={name} value={name}>
            {description}
          </option>
        ))}
      </datalist>
    </label>
  );
}

/** Return a compute as a mapping, whichever way it was written. */
function spelledOut(compute: JSONValue): JSONObject {
  if (typeof compute === 'string') {
    return compute === 'local'
      ? { backend: 'local' }
      : { instance_type: compute };
  }
  return typeof compute === 'object' && !Array.isArray(compute)
    ? (compute ?? {})
    : {};
}

/** Write a compute the short way where that says it all. */
function short(compute: JSONObject): JSONValue {
  const { instance_type, ...rest } = compute;
  return typeof instance_type === 'string' && Object.keys(rest).length === 0
    ? instance_type
    : compute;
}

function backendOf(compute: JSONObject): Backend {
  if (Object.keys(compute).length === 0) {
    return 'default';
  }
  const { backend } = compute;
  if (backend === 'local' || backend === 'slurm' || backend === 'databricks') {
    return backend;
  }
  if ('queue' in compute) {
    return 'slurm';
  }
  return ['cluster', 'existing_cluster_id', 'job_id'].some(
    name => name in compute
  )
    ? 'databricks'
    : 'sagemaker';
}

function kept(compute: JSONObject, names: readonly string[]): JSONObject {
  return Object.fromEntries(
    Object.entries(compute).filter(([name]) => names.includes(name))
  ) as JSONObject;
}
