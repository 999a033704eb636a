import * as React from 'react';

import type * as api from '../api';
import { reason } from '../client';
import { usePanel } from '../panel/context';

const POLL = 1000;
/** Bytes of a log that are kept on the page. */
const TAIL = 262_144;

/**
 * What a stage printed, followed while it runs.
 */
export function Log({
  execution,
  stage
}: {
  execution: api.Execution;
  stage: string;
}): React.ReactElement {
  const { client, trans } = usePanel();
  const [text, setText] = React.useState('');
  const [failure, setFailure] = React.useState('');
  const { id } = execution;
  React.useEffect(() => {
    let timer = 0;
    let offset = -TAIL;
    let isWanted = true;
    const ask = async (): Promise<void> => {
      try {
        const part = await client.log(id, stage, offset);
        if (!isWanted) {
          return;
        }
        setText(known => (offset < 0 ? part.text : known + part.text));
        setFailure('');
        offset = part.next;
        if (part.next < part.size) {
          await ask();
        } else if (!part.ended) {
          timer = window.setTimeout(() => void ask(), POLL);
        }
      } catch (error) {
        if (isWanted) {
          setFailure(reason(error));
        }
      }
    };
    void ask();
    return () => {
      isWanted = false;
      window.clearTimeout(timer);
    };
  }, [client, id, stage]);
  return (
    <section aria-label={trans.__('Log of %1', stage)}>
      <h4 className="jp-Zflow-subtitle">{trans.__('Log')}</h4>
      {failure && <p className="jp-Zflow-hint">{failure}</p>}
      {text === '' && !failure ? (
        <p className="jp-Zflow-hint">{trans.__('Nothing was printed.')}</p>
      ) : (
        <pre className="jp-Zflow-log" tabIndex={0}>
          {text}
        </pre>
      )}
    </section>
  );
}
