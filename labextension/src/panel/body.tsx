import { PathExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Button, UseSignal } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { asks, place, sorted, type IFinding, type IStage } from '../protocol';
import { CommandIDs, type IPipelineModel } from '../tokens';

/**
 * The panel: a header, the stages, the findings.
 */
export function PipelineBody(props: IBodyProps): React.ReactElement {
  return (
    <UseSignal signal={props.model.changed}>
      {() => <Pipeline {...props} />}
    </UseSignal>
  );
}

interface IBodyProps {
  model: IPipelineModel;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

function Pipeline(props: IBodyProps): React.ReactElement {
  const { model, trans } = props;
  if (model.state === 'empty') {
    return (
      <p className="jp-Zflow-hint">
        {trans.__('Open a notebook to see it as a pipeline.')}
      </p>
    );
  }
  const { check } = model;
  return (
    <>
      <Header {...props} />
      {model.state === 'failed' && (
        <p className="jp-Zflow-failure" role="alert">
          {model.failure}
        </p>
      )}
      {check && (
        <div className="jp-Zflow-content" aria-busy={model.state === 'stale'}>
          <Section
            title={trans._n('%1 stage', '%1 stages', check.stages.length)}
          >
            {check.stages.map(stage => (
              <Stage key={stage.name} stage={stage} {...props} />
            ))}
          </Section>
          <Section
            title={trans._n('%1 finding', '%1 findings', check.findings.length)}
          >
            {sorted(check.findings).map((finding, index) => (
              <Finding key={index} finding={finding} {...props} />
            ))}
          </Section>
        </div>
      )}
    </>
  );
}

function Header({ model, commands, trans }: IBodyProps): React.ReactElement {
  return (
    <header className="jp-Zflow-header">
      <h2 className="jp-Zflow-title">{trans.__('Pipeline')}</h2>
      <span className="jp-Zflow-notebook" title={model.path}>
        {PathExt.basename(model.path)}
      </span>
      <Button
        small
        className="jp-Zflow-export"
        title={trans.__('Write the script, the template and the stages')}
        onClick={() => void commands.execute(CommandIDs.exportPipeline)}
      >
        {trans.__('Export')}
      </Button>
    </header>
  );
}

function Section(
  props: React.PropsWithChildren<{ title: string }>
): React.ReactElement {
  return (
    <section>
      <h3 className="jp-Zflow-heading">{props.title}</h3>
      <ul className="jp-Zflow-list">{props.children}</ul>
    </section>
  );
}

function Stage(props: IBodyProps & { stage: IStage }): React.ReactElement {
  const { model, stage, trans } = props;
  const [first] = stage.cells;
  return (
    <li>
      <button
        type="button"
        className="jp-Zflow-item jp-Zflow-stage"
        disabled={first === undefined}
        onClick={() => void model.reveal(first)}
      >
        <span className="jp-Zflow-itemTitle">{stage.name}</span>
        <span className="jp-Zflow-where">
          {trans._n('%1 cell', '%1 cells', stage.cells.length)}
        </span>
        {stage.compute && <span className="jp-Zflow-text">{asks(stage)}</span>}
        <Names label={trans.__('after')} names={stage.after} />
        <Names label={trans.__('takes')} names={stage.reads} code />
        <Names label={trans.__('gives')} names={stage.saves} code />
      </button>
    </li>
  );
}

function Names(props: {
  label: string;
  names: readonly string[];
  code?: boolean;
}): React.ReactElement | null {
  if (props.names.length === 0) {
    return null;
  }
  return (
    <span className="jp-Zflow-names">
      <span className="jp-Zflow-label">{props.label}</span>
      <span className={props.code ? 'jp-Zflow-code' : undefined}>
        {props.names.join(', ')}
      </span>
    </span>
  );
}

function Finding(
  props: IBodyProps & { finding: IFinding }
): React.ReactElement {
  const { finding, model, trans } = props;
  const { cell } = finding;
  return (
    <li>
      <button
        type="button"
        className="jp-Zflow-item jp-Zflow-finding"
        data-severity={finding.severity}
        disabled={cell === null}
        title={cell === null ? undefined : trans.__('Go to the cell')}
        onClick={() => cell !== null && void model.reveal(cell)}
      >
        <span className="jp-Zflow-itemTitle">
          {finding.severity} {finding.code}
        </span>
        <span className="jp-Zflow-where">{place(finding)}</span>
        <span className="jp-Zflow-text">{finding.message}</span>
        {finding.remedy && (
          <span className="jp-Zflow-remedy">{finding.remedy}</span>
        )}
      </button>
    </li>
  );
}
