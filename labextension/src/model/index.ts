import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';

import { Client } from '../client';
import { IStageModels } from '../tokens';
import { StageModels } from './models';

/**
 * Provides the models of all open notebooks.
 */
export const modelPlugin: JupyterFrontEndPlugin<IStageModels> = {
  id: 'jupyter-zflow:model',
  description: 'Provides notebooks as the pipelines that they would become.',
  autoStart: true,
  requires: [INotebookTracker],
  provides: IStageModels,
  activate: (app: JupyterFrontEnd, tracker: INotebookTracker) => {
    const { contents, serverSettings } = app.serviceManager;
    return new StageModels({
      tracker,
      client: new Client({ settings: serverSettings }),
      localPath: path => contents.localPath(path)
    });
  }
};
