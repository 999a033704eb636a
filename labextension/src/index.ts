import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { cellsPlugin } from './cells';
import { commandsPlugin } from './commands';
import { executionsPlugin, executionsViewPlugin } from './executions';
import { modelPlugin } from './model';
import { panelPlugin } from './panel';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  modelPlugin,
  executionsPlugin,
  cellsPlugin,
  panelPlugin,
  executionsViewPlugin,
  commandsPlugin
];

export default plugins;
export * from './tokens';
