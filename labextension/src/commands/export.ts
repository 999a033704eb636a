import { Dialog, Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { NotebookPanel } from '@jupyterlab/notebook';

import { ExportBody } from '../dialogs/export';
import { pipelineIcon } from '../icons';
import { CommandIDs } from '../tokens';
import { NO_ARGUMENTS, withNote, type ICommandContext } from './context';

/**
 * The commands that write the pipeline folder: of the notebook in front, of one in the file browser.
 */
export function addExportCommands(context: ICommandContext): void {
  const { app, features, models, trans } = context;
  app.commands.addCommand(CommandIDs.exportPipeline, {
    label: trans.__('Export to Pipeline…'),
    caption: trans.__('Write the script, the template and the stages'),
    icon: pipelineIcon,
    describedBy: NO_ARGUMENTS,
    isEnabled: () => models.current !== null,
    isVisible: () => features.has('export'),
    execute: () => exportPipeline(context)
  });

  app.commands.addCommand(CommandIDs.exportFile, {
    label: trans.__('Export to Pipeline…'),
    caption: trans.__('Open the notebook and export it'),
    icon: pipelineIcon,
    describedBy: NO_ARGUMENTS,
    isVisible: () => features.has('export'),
    execute: async () => {
      // It answers with what it opened: all that is selected.
      const opened: unknown[] =
        (await app.commands.execute('filebrowser:open')) ?? [];
      const panel = opened.find(widget => widget instanceof NotebookPanel);
      if (panel instanceof NotebookPanel) {
        await models.show(panel);
        await exportPipeline(context);
      }
    }
  });
}

async function exportPipeline(context: ICommandContext): Promise<void> {
  const { app, client, features, models, trans } = context;
  const model = models.current;
  if (!model) {
    return;
  }
  await model.save();
  const body = new ExportBody({
    path: model.path,
    client,
    hasCommit: features.has('commit'),
    trans
  });
  const { button, value } = await new Dialog({
    title: trans.__('Export to pipeline'),
    body,
    buttons: [
      Dialog.cancelButton(),
      Dialog.okButton({ label: trans.__('Export') })
    ]
  }).launch();
  if (!button.accept || !value) {
    return;
  }
  if (body.undecided.length > 0) {
    Notification.warning(
      trans.__(
        'Nothing was exported: %1 was edited by hand. Choose in the dialog what becomes of it.',
        body.undecided.join(', ')
      ),
      { autoClose: 8000 }
    );
    return;
  }
  await withNote(context, trans.__('Exporting…'), async current => {
    const { commit, folder } = await client.export(value);
    const script = PathExt.join(folder, 'pipeline.py');
    await app.commands.execute('docmanager:open', { path: script });
    await current.refresh();
    return {
      type: 'success',
      message: commit?.commit
        ? trans.__(
            'Exported to %1, committed as %2 on %3',
            folder,
            commit.commit.slice(0, 8),
            commit.branch
          )
        : trans.__('Exported to %1', folder)
    };
  });
}
