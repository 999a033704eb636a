import type { JSONObject } from '@lumino/coreutils';
import * as React from 'react';

import type * as api from '../api';
import { reason } from '../client';
import { without } from '../notebook/settings';
import { Lazy } from '../panel/lazy';
import { usePanel, type ISectionProps } from '../panel/context';
import { ComputePicker } from './compute';
import { formSchema } from './schema';

export const Fields = React.lazy(() => import('./fields'));

/** What has an editor of its own. */
const ELSEWHERE = ['compute'];

/**
 * All settings of a stage: its compute, and the fields that its schema names.
 */
export function StageForm({
  model,
  name,
  stage
}: ISectionProps & {
  name: string;
  stage: api.Stage | undefined;
}): React.ReactElement {
  const { client, translator, trans } = usePanel();
  const [schemas, failure] = useAnswer(() => client.schemas());
  const settings = model.edits.settings.stages[name] ?? {};
  const { compute, ...others } = settings;
  if (!schemas) {
    return <p className="jp-Zflow-hint">{failure || trans.__('Loading…')}</p>;
  }
  const schema = schemas.stage as JSONObject;
  return (
    <div className="jp-Zflow-stageForm">
      <ComputePicker
        compute={compute ?? null}
        schema={schema}
        kind={stage?.kind ?? null}
        onCommit={value =>
          model.edits.updateStage(name, stage =>
            value === null
              ? without(stage, 'compute')
              : { ...stage, compute: value }
          )
        }
      />
      <Lazy>
        <Fields
          key={name}
          schema={formSchema(schema, ELSEWHERE, others)}
          value={others}
          translator={translator}
          onCommit={value =>
            model.edits.updateStage(name, ({ compute: own }) =>
              own === undefined ? value : { ...value, compute: own }
            )
          }
        />
      </Lazy>
    </div>
  );
}

/**
 * What the server answers to one question, or why it does not.
 */
export function useAnswer<T>(ask: () => Promise<T>): [T | null, string] {
  const [answer, setAnswer] = React.useState<T | null>(null);
  const [failure, setFailure] = React.useState('');
  React.useEffect(() => {
    let isWanted = true;
    ask().then(
      value => isWanted && setAnswer(value),
      (error: unknown) => isWanted && setFailure(reason(error))
    );
    return () => {
      isWanted = false;
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- asked once
  }, []);
  return [answer, failure];
}
