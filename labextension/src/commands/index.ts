import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Client } from '../client';
import { Features } from '../features';
import { CommandIDs, IExecutions, IStageModels } from '../tokens';
import { addExecuteCommands } from './execute';
import { addExportCommands } from './export';
import { addNotebookCommands } from './notebook';

/** Those that can be started without an argument. */
const LISTED = [
  CommandIDs.openPanel,
  CommandIDs.checkNotebook,
  CommandIDs.suggestStages,
  CommandIDs.assignStage,
  CommandIDs.runPipeline,
  CommandIDs.stopExecution,
  CommandIDs.verifyNotebook,
  CommandIDs.exportPipeline
];

/**
 * Adds the commands and lists them in the palette.
 */
export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-zflow:commands',
  description: 'Adds the commands about the current notebook as a pipeline.',
  autoStart: true,
  requires: [IStageModels, IExecutions],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    models: IStageModels,
    executions: IExecutions,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter-zflow');
    const client = new Client({ settings: app.serviceManager.serverSettings });
    const features = new Features(client);
    const context = { app, client, executions, features, models, trans };
    addNotebookCommands(context);
    addExecuteCommands(context);
    addExportCommands(context);
    for (const command of LISTED) {
      palette?.addItem({ command, category: trans.__('Pipeline') });
    }
    const notify = (): void =>
      [...LISTED, CommandIDs.debugStage].forEach(command =>
        app.commands.notifyCommandChanged(command)
      );
    models.currentChanged.connect(notify);
    features.changed.connect(notify);
    executions.changed.connect(() =>
      app.commands.notifyCommandChanged(CommandIDs.stopExecution)
    );
  }
};
