import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs, IExecutions, IStageModels } from '../tokens';
import { CellMarks, type ChipsSetting } from './marks';

const ID = 'jupyter-zflow:cells';

/**
 * Shows each cell's stage, and how it fares while an execution runs.
 */
export const cellsPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Shows the stage of each cell as a chip and a coloured edge.',
  autoStart: true,
  requires: [INotebookTracker, IStageModels, IExecutions],
  optional: [ITranslator, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    models: IStageModels,
    executions: IExecutions,
    translator: ITranslator | null,
    registry: ISettingRegistry | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter-zflow');
    const all = new Set<CellMarks>();
    let setting: ChipsSetting = 'pipelines';

    void registry?.load(ID).then(settings => {
      const read = (): void => {
        setting = settings.get('chips').composite as ChipsSetting;
        all.forEach(marks => marks.update());
      };
      settings.changed.connect(read);
      read();
    });

    const mark = async (panel: NotebookPanel): Promise<void> => {
      const model = await models.of(panel);
      if (!model || panel.isDisposed) {
        return;
      }
      const marks = new CellMarks({
        panel,
        model,
        executions,
        trans,
        setting: () => setting,
        openMenu: (x, y) =>
          void app.commands.execute(CommandIDs.assignStage, { x, y })
      });
      all.add(marks);
      panel.disposed.connect(() => all.delete(marks));
    };
    tracker.widgetAdded.connect((_, panel) => void mark(panel));
    tracker.forEach(panel => void mark(panel));
  }
};
