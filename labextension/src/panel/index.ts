import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { Client } from '../client';
import { pipelineIcon } from '../icons';
import { CommandIDs, IExecutions, IStageModels, PANEL_ID } from '../tokens';
import { PipelineBody } from './body';
import type { IPanelContext } from './context';

/**
 * The panel in the side bar; says when it can be seen, since only then it is worth to be kept new.
 */
class PipelinePanel extends ReactWidget {
  constructor(context: IPanelContext & { models: IStageModels }) {
    super();
    this._context = context;
    this.id = PANEL_ID;
    this.addClass('jp-Zflow');
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._context.models.isWatched = true;
  }

  protected onBeforeHide(message: Message): void {
    super.onBeforeHide(message);
    this._context.models.isWatched = false;
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._context.models.isWatched = this.isVisible;
  }

  protected render(): React.ReactElement {
    return React.createElement(PipelineBody, this._context);
  }

  private readonly _context: IPanelContext & { models: IStageModels };
}

/**
 * Shows the pipeline in the right side bar.
 */
export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-zflow:panel',
  description: 'Shows the current notebook as a pipeline, to look at and edit.',
  autoStart: true,
  requires: [IStageModels, IExecutions],
  optional: [ITranslator, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    models: IStageModels,
    executions: IExecutions,
    optionalTranslator: ITranslator | null,
    restorer: ILayoutRestorer | null
  ) => {
    const { commands, serviceManager, shell } = app;
    const translator = optionalTranslator ?? nullTranslator;
    const trans = translator.load('jupyter-zflow');
    const panel = new PipelinePanel({
      client: new Client({ settings: serviceManager.serverSettings }),
      commands,
      executions,
      models,
      translator,
      trans
    });
    executions.changed.connect(() => panel.update());
    commands.commandChanged.connect((_, { id }) => {
      if (id === CommandIDs.runPipeline) {
        // What a server has is said of all commands at once.
        panel.update();
      }
    });
    panel.title.icon = pipelineIcon;
    panel.title.caption = trans.__('Pipeline');
    panel.node.setAttribute('role', 'region');
    panel.node.setAttribute('aria-label', trans.__('Pipeline'));
    restorer?.add(panel, PANEL_ID);
    shell.add(panel, 'right', { rank: 650, type: 'Pipeline' });
  }
};
