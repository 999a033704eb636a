import { type Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import * as React from 'react';

import type * as api from '../api';
import { reason, type IClient } from '../client';

const PAUSE = 500;

/**
 * Where to export to and what that would write, before anything is written.
 */
export class ExportBody
  extends ReactWidget
  implements Dialog.IBodyWidget<api.ExportRequest>
{
  constructor(options: ExportBody.IOptions) {
    super();
    this._request = { path: options.path };
    this._options = options;
    this.addClass('jp-Zflow-dialog');
  }

  getValue(): api.ExportRequest {
    return this._request;
  }

  /** Files that were edited by hand, of which the author did not say what becomes of them. */
  get undecided(): readonly string[] {
    return this._request.on_conflict === 'refuse' ? this._conflicts : [];
  }

  dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  protected render(): React.ReactElement {
    return (
      <ExportForm
        {...this._options}
        onChange={(request, conflicts) => {
          this._request = request;
          this._conflicts = conflicts;
        }}
      />
    );
  }

  private readonly _options: ExportBody.IOptions;
  private _request: api.ExportRequest;
  private _conflicts: readonly string[] = [];
}

/**
 * A namespace for statics of the body.
 */
export namespace ExportBody {
  export interface IOptions {
    readonly path: string;
    readonly client: IClient;
    /** Whether the server lets commit. */
    readonly hasCommit: boolean;
    readonly trans: TranslationBundle;
  }
}

function ExportForm(
  props: ExportBody.IOptions & {
    onChange: (
      request: api.ExportRequest,
      conflicts: readonly string[]
    ) => void;
  }
): React.ReactElement {
  const { client, hasCommit, onChange, path, trans } = props;
  const [folder, setFolder] = React.useState('');
  const [conflict, setConflict] =
    React.useState<NonNullable<api.ExportRequest['on_conflict']>>('refuse');
  const [commit, setCommit] = React.useState<api.CommitRequest | null>(null);
  const [plan, setPlan] = React.useState<api.Export | null>(null);
  const [failure, setFailure] = React.useState('');

  React.useEffect(() => {
    let isWanted = true;
    const ask = async (): Promise<void> => {
      try {
        const answer = await client.export({
          path,
          folder: folder || null,
          dry_run: true
        });
        if (isWanted) {
          setPlan(answer);
          setFailure('');
        }
      } catch (error) {
        if (isWanted) {
          setPlan(null);
          setFailure(reason(error));
        }
      }
    };
    const timer = window.setTimeout(() => void ask(), folder ? PAUSE : 0);
    return () => {
      isWanted = false;
      window.clearTimeout(timer);
    };
  }, [client, folder, path]);

  React.useEffect(() => {
    onChange(
      { path, folder: folder || null, on_conflict: conflict, commit },
      plan?.conflicts ?? []
    );
  }, [commit, conflict, folder, onChange, path, plan]);

  return (
    <>
      <label className="jp-Zflow-field">
        <span className="jp-Zflow-label">{trans.__('Folder')}</span>
        <input
          type="text"
          className="jp-mod-styled jp-Zflow-input"
          value={folder}
          placeholder={plan?.folder}
          onChange={event => setFolder(event.target.value.trim())}
        />
      </label>
      {failure && (
        <p className="jp-Zflow-failure" role="alert">
          {failure}
        </p>
      )}
      {!plan && !failure && (
        <p className="jp-Zflow-hint" role="status">
          {trans.__('Looking what would be written…')}
        </p>
      )}
      {plan && <Plan plan={plan} trans={trans} />}
      {plan && plan.conflicts.length > 0 && (
        <label className="jp-Zflow-field">
          <span className="jp-Zflow-label">
            {trans.__('Files that were edited by hand')}
          </span>
          <select
            className="jp-mod-styled jp-Zflow-input"
            value={conflict}
            onChange={event =>
              setConflict(event.target.value as typeof conflict)
            }
          >
            <option value="refuse">{trans.__('Do not export')}</option>
            <option value="beside">
              {trans.__('Keep them, write the new ones beside')}
            </option>
            <option value="overwrite">{trans.__('Overwrite them')}</option>
          </select>
        </label>
      )}
      {hasCommit && (
        <Commit commit={commit} trans={trans} onChange={setCommit} />
      )}
    </>
  );
}

function Plan(props: {
  plan: api.Export;
  trans: TranslationBundle;
}): React.ReactElement {
  const { plan, trans } = props;
  const labels: Record<api.Diff['change'], string> = {
    added: trans.__('new'),
    changed: trans.__('changed'),
    removed: trans.__('removed'),
    conflict: trans.__('edited by hand')
  };
  if (plan.diffs.length === 0) {
    return (
      <p className="jp-Zflow-hint" role="status">
        {trans.__('Nothing changed since the last export.')}
      </p>
    );
  }
  return (
    <section aria-label={trans.__('What will be written')}>
      <p className="jp-Zflow-label">
        {trans._n('%1 file changes', '%1 files change', plan.diffs.length)}
      </p>
      <div className="jp-Zflow-diffs">
        {plan.diffs.map(({ change, diff, path, truncated }) => (
          <details key={path} className="jp-Zflow-diff" data-change={change}>
            <summary>
              <span className="jp-Zflow-code">{path}</span>
              <span className="jp-Zflow-where">{labels[change]}</span>
            </summary>
            <Diff text={diff} />
            {truncated && (
              <p className="jp-Zflow-hint">
                {trans.__('The rest is left out.')}
              </p>
            )}
          </details>
        ))}
      </div>
    </section>
  );
}

function Diff({ text }: { text: string }): React.ReactElement {
  return (
    <pre className="jp-Zflow-patch" tabIndex={0}>
      {text.split('\n').map((line, index) => (
        <span key={index} data-line={sign(line)}>
          {line}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}

function sign(line: string): string {
  if (/^(?:\+\+\+|---|@@)/.test(line)) {
    return 'place';
  }
  return line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : '';
}

function Commit(props: {
  commit: api.CommitRequest | null;
  trans: TranslationBundle;
  onChange: (commit: api.CommitRequest | null) => void;
}): React.ReactElement {
  const { commit, onChange, trans } = props;
  return (
    <fieldset className="jp-Zflow-commit">
      <label className="jp-Zflow-check">
        <input
          type="checkbox"
          checked={commit !== null}
          onChange={event => onChange(event.target.checked ? {} : null)}
        />
        {trans.__('Commit to Git')}
      </label>
      {commit && (
        <label className="jp-Zflow-field">
          <span className="jp-Zflow-label">{trans.__('Branch')}</span>
          <input
            type="text"
            className="jp-mod-styled jp-Zflow-input"
            value={commit.branch ?? ''}
            placeholder={trans.__('the current one')}
            onChange={event =>
              onChange({ branch: event.target.value.trim() || null })
            }
          />
        </label>
      )}
    </fieldset>
  );
}
