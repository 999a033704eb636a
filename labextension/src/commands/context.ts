import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { reason, type IClient } from '../client';
import type { Features } from '../features';
import {
  PANEL_ID,
  type IExecutions,
  type IStageModel,
  type IStageModels
} from '../tokens';

/** What the commands work with. */
export interface ICommandContext {
  readonly app: JupyterFrontEnd;
  readonly client: IClient;
  readonly executions: IExecutions;
  readonly features: Features;
  readonly models: IStageModels;
  readonly trans: TranslationBundle;
}

export const NO_ARGUMENTS = {
  args: { type: 'object', properties: {}, additionalProperties: false }
} as const;

/**
 * Do something with the notebook in front, telling what it is and how it ended.
 *
 * A refusal leads to the panel, where the findings are.
 */
export async function withNote(
  context: ICommandContext,
  message: string,
  act: (model: IStageModel) => Promise<INote | null>
): Promise<void> {
  const { app, models } = context;
  const model = models.current;
  if (!model) {
    return;
  }
  const id = Notification.emit(message, 'in-progress', { autoClose: false });
  try {
    const note = await act(model);
    if (note === null) {
      Notification.dismiss(id);
      return;
    }
    Notification.update({ id, autoClose: 8000, ...note });
  } catch (error) {
    Notification.update({
      id,
      type: 'error',
      message: reason(error),
      autoClose: false
    });
    app.shell.activateById(PANEL_ID);
    await model.refresh();
  }
}

/** How something ended. */
export interface INote {
  readonly type: 'success' | 'error' | 'info';
  readonly message: string;
  readonly autoClose?: number | false;
  readonly actions?: Notification.IAction[];
}
