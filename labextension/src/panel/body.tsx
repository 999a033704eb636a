import { PathExt } from '@jupyterlab/coreutils';
import { redoIcon, undoIcon, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import { PipelineGraph } from '../graph';
import { CommandIDs, type IStageModels } from '../tokens';
import {
  PanelContext,
  usePanel,
  type IPanelContext,
  type ISectionProps
} from './context';
import { FindingsSection } from './findingsSection';
import { ParametersSection } from './parameters';
import { PipelineSection } from './pipeline';
import { Section } from './section';
import { StagesSection } from './stagesSection';

/**
 * The panel: a header with what can be done, and one section for each part of a pipeline.
 */
export function PipelineBody({
  models,
  ...context
}: IPanelContext & { models: IStageModels }): React.ReactElement {
  return (
    <PanelContext.Provider value={context}>
      <UseSignal signal={models.changed}>
        {() =>
          models.current ? (
            <Pipeline key={models.current.path} model={models.current} />
          ) : (
            <p className="jp-Zflow-hint">
              {context.trans.__('Open a notebook to see it as a pipeline.')}
            </p>
          )
        }
      </UseSignal>
    </PanelContext.Provider>
  );
}

function Pipeline({ model }: ISectionProps): React.ReactElement {
  const { trans } = usePanel();
  const [chosen, setChosen] = React.useState<string | null>(null);
  return (
    <>
      <Header model={model} />
      {model.state === 'failed' && (
        <p className="jp-Zflow-failure" role="alert">
          {model.failure}
        </p>
      )}
      <Export model={model} />
      <div className="jp-Zflow-content" aria-busy={model.state === 'stale'}>
        <Section name="graph" title={trans.__('Graph')}>
          <PipelineGraph model={model} chosen={chosen} onChoose={setChosen} />
        </Section>
        <FindingsSection model={model} />
        <StagesSection model={model} chosen={chosen} onChoose={setChosen} />
        <ParametersSection model={model} />
        <PipelineSection model={model} />
      </div>
    </>
  );
}

function Header({ model }: ISectionProps): React.ReactElement {
  const { trans } = usePanel();
  return (
    <header className="jp-Zflow-header">
      <div className="jp-Zflow-row">
        <h2 className="jp-Zflow-title">{trans.__('Pipeline')}</h2>
        <span className="jp-Zflow-notebook" title={model.path}>
          {PathExt.basename(model.path)}
        </span>
        <button
          type="button"
          className="jp-Zflow-more"
          aria-label={trans.__('Undo')}
          title={trans.__('Undo')}
          onClick={() => model.undo()}
        >
          <undoIcon.react tag="span" width="16px" />
        </button>
        <button
          type="button"
          className="jp-Zflow-more"
          aria-label={trans.__('Redo')}
          title={trans.__('Redo')}
          onClick={() => model.redo()}
        >
          <redoIcon.react tag="span" width="16px" />
        </button>
      </div>
      <div
        className="jp-Zflow-actions"
        role="group"
        aria-label={trans.__('Pipeline')}
      >
        <Action command={CommandIDs.checkNotebook} label={trans.__('Check')} />
        <Action
          command={CommandIDs.suggestStages}
          label={trans.__('Suggest stages')}
        />
        <Action
          command={CommandIDs.runPipeline}
          label={trans.__('Run locally')}
        />
        <Action
          command={CommandIDs.verifyNotebook}
          label={trans.__('Verify')}
        />
        <Action
          command={CommandIDs.exportPipeline}
          label={trans.__('Export to pipeline')}
          isMain
        />
        <Action
          command={CommandIDs.openExecutions}
          label={trans.__('Executions')}
        />
      </div>
    </header>
  );
}

function Action(props: {
  command: string;
  label: string;
  isMain?: boolean;
}): React.ReactElement | null {
  const { commands } = usePanel();
  const { command, isMain, label } = props;
  if (!commands.isVisible(command)) {
    return null;
  }
  return (
    <button
      type="button"
      className={`jp-mod-styled jp-mod-small ${isMain ? 'jp-mod-accept' : ''}`}
      data-command-id={command}
      title={commands.caption(command)}
      disabled={!commands.isEnabled(command)}
      onClick={() => void commands.execute(command)}
    >
      {label}
    </button>
  );
}

/**
 * A line that tells when the notebook is newer than its export.
 */
function Export({ model }: ISectionProps): React.ReactElement | null {
  const { commands, trans } = usePanel();
  const state = model.check?.export;
  if (!state?.stale) {
    return null;
  }
  return (
    <p className="jp-Zflow-banner" role="status">
      {trans.__('The notebook is newer than its export in %1.', state.folder)}{' '}
      <button
        type="button"
        className="jp-Zflow-link"
        onClick={() => void commands.execute(CommandIDs.exportPipeline)}
      >
        {trans.__('Export again')}
      </button>
    </p>
  );
}
