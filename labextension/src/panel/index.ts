import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';

import { Client } from '../client';
import { pipelineIcon } from '../icons';
import { IPipelineModel, PANEL_ID } from '../tokens';
import { PipelineBody } from './body';
import { PipelineModel } from './model';
import { NotebookSource } from './source';

/**
 * Provides the pipeline of the notebook that is in front.
 */
export const modelPlugin: JupyterFrontEndPlugin<IPipelineModel> = {
  id: 'jupyter-zflow:model',
  description: 'Provides the pipeline that the current notebook would become.',
  autoStart: true,
  requires: [INotebookTracker],
  provides: IPipelineModel,
  activate: (app: JupyterFrontEnd, tracker: INotebookTracker) => {
    const { contents, serverSettings } = app.serviceManager;
    const model = new PipelineModel({
      client: new Client({ settings: serverSettings })
    });
    const follow = async (): Promise<void> => {
      const panel = tracker.currentWidget;
      await panel?.context.ready;
      if (panel !== tracker.currentWidget) {
        return;
      }
      const localPath = (path: string): string => contents.localPath(path);
      await model.follow(panel && new NotebookSource({ panel, localPath }));
    };
    tracker.currentChanged.connect(() => void follow());
    void follow();
    return model;
  }
};

/**
 * Shows the pipeline in the right side bar.
 */
export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-zflow:panel',
  description: 'Shows the stages and findings of the current notebook.',
  autoStart: true,
  requires: [IPipelineModel],
  optional: [ITranslator, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    model: IPipelineModel,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter-zflow');
    const panel = ReactWidget.create(
      PipelineBody({ model, commands: app.commands, trans })
    );
    panel.id = PANEL_ID;
    panel.title.icon = pipelineIcon;
    panel.title.caption = trans.__('Pipeline');
    panel.addClass('jp-Zflow');
    panel.node.setAttribute('role', 'region');
    panel.node.setAttribute('aria-label', trans.__('Pipeline'));
    restorer?.add(panel, PANEL_ID);
    app.shell.add(panel, 'right', { rank: 650, type: 'Pipeline' });
  }
};
