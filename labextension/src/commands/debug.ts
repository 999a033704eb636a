import { Notification } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';

import { reason } from '../client';
import type { ICommandContext } from './context';

/**
 * Open a stage's notebook with a kernel that holds what the stage was given.
 *
 * The cells that bring in the inputs are run at once, and the cell that failed is made the active
 * one: from there on it is debugged as any notebook.
 */
export async function debugStage(
  execution: string,
  stage: string,
  { app, client, trans }: ICommandContext
): Promise<void> {
  try {
    const made = await client.debug(execution, stage);
    const panel: NotebookPanel = await app.commands.execute('docmanager:open', {
      path: made.path,
      factory: 'Notebook'
    });
    await panel.context.ready;
    await panel.sessionContext.ready;
    const notebook = panel.content;
    notebook.deselectAll();
    for (let cell = 0; cell < made.run_first; cell += 1) {
      notebook.activeCellIndex = cell;
      await app.commands.execute('notebook:run-cell');
    }
    notebook.activeCellIndex = made.failed_cell ?? made.run_first;
    const { activeCell } = notebook;
    if (activeCell) {
      await notebook.scrollToCell(activeCell, 'smart');
    }
    Notification.info(
      trans.__('The kernel holds what stage %1 was given.', stage),
      { autoClose: 5000 }
    );
  } catch (error) {
    Notification.error(reason(error), { autoClose: false });
  }
}
