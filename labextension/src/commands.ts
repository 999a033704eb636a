import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import {
  ITranslator,
  nullTranslator,
  type TranslationBundle
} from '@jupyterlab/translation';

import { pipelineIcon } from './icons';
import { CommandIDs, IPipelineModel, PANEL_ID } from './tokens';

/**
 * Adds the commands and lists them in the palette.
 */
export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-zflow:commands',
  description: 'Adds the commands that check and export the current notebook.',
  autoStart: true,
  requires: [IPipelineModel],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    model: IPipelineModel,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter-zflow');
    addCommands(app, model, trans);
    const category = trans.__('Pipeline');
    for (const command of Object.values(CommandIDs)) {
      palette?.addItem({ command, category });
    }
  }
};

const NO_ARGUMENTS = {
  args: { type: 'object', properties: {}, additionalProperties: false }
} as const;

function addCommands(
  app: JupyterFrontEnd,
  model: IPipelineModel,
  trans: TranslationBundle
): void {
  const { commands, shell } = app;
  const isEnabled = (): boolean => model.path !== '';

  commands.addCommand(CommandIDs.openPanel, {
    label: trans.__('Show Pipeline'),
    describedBy: NO_ARGUMENTS,
    execute: () => shell.activateById(PANEL_ID)
  });

  commands.addCommand(CommandIDs.checkNotebook, {
    label: trans.__('Check Notebook as Pipeline'),
    describedBy: NO_ARGUMENTS,
    isEnabled,
    execute: async () => {
      shell.activateById(PANEL_ID);
      await model.refresh();
    }
  });

  commands.addCommand(CommandIDs.exportPipeline, {
    label: trans.__('Export to Pipeline'),
    caption: trans.__('Write the script, the template and the stages'),
    icon: pipelineIcon,
    describedBy: NO_ARGUMENTS,
    isEnabled,
    execute: () => exportPipeline(app, model, trans)
  });

  model.changed.connect(() => {
    commands.notifyCommandChanged(CommandIDs.checkNotebook);
    commands.notifyCommandChanged(CommandIDs.exportPipeline);
  });
}

async function exportPipeline(
  app: JupyterFrontEnd,
  model: IPipelineModel,
  trans: TranslationBundle
): Promise<void> {
  const note = Notification.emit(trans.__('Exporting…'), 'in-progress', {
    autoClose: false
  });
  try {
    const { folder } = await model.export();
    Notification.update({
      id: note,
      type: 'success',
      message: trans.__('Exported to %1', folder),
      autoClose: 8000,
      actions: [
        {
          label: trans.__('Open the script'),
          callback: () =>
            void app.commands.execute('docmanager:open', {
              path: PathExt.join(folder, 'pipeline.py')
            })
        }
      ]
    });
  } catch (error) {
    Notification.update({
      id: note,
      type: 'error',
      message: error instanceof Error ? error.message : String(error),
      autoClose: false
    });
    // The findings that refused it are in the panel.
    app.shell.activateById(PANEL_ID);
    await model.refresh();
  }
}
