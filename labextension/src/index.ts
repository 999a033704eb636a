import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { commandsPlugin } from './commands';
import { modelPlugin, panelPlugin } from './panel';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  modelPlugin,
  panelPlugin,
  commandsPlugin
];

export default plugins;
export * from './tokens';
