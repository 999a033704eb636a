import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { MenuSvg } from '@jupyterlab/ui-components';

import { CommandIDs, type IStageModel } from '../tokens';

/**
 * Make the menu that gives the selected cells a part in the pipeline.
 */
export function stageMenu(
  model: IStageModel,
  commands: CommandRegistry,
  trans: TranslationBundle
): MenuSvg {
  const menu = new MenuSvg({ commands });
  menu.addClass('jp-Zflow-menu');
  menu.title.label = trans.__('Stage of the selected cells');
  const command = CommandIDs.assignStage;
  if (model.layout.isTagged) {
    for (const stage of model.layout.stages) {
      menu.addItem({ command, args: { kind: 'stage', stage } });
    }
    menu.addItem({ type: 'separator' });
  }
  menu.addItem({ command, args: { kind: 'new' } });
  menu.addItem({ type: 'separator' });
  for (const kind of ['setup', 'parameters', 'skip', 'untagged']) {
    menu.addItem({ command, args: { kind } });
  }
  return menu;
}
