import { Notification } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { JSONValue } from '@lumino/coreutils';

import type * as api from '../api';
import { RefusedError } from '../client';
import { verdictOf, verifyDialog, type IVerification } from '../dialogs/verify';
import { CommandIDs, PANEL_ID } from '../tokens';
import { NO_ARGUMENTS, withNote, type ICommandContext } from './context';
import { debugStage } from './debug';

const POLL = 1000;

/**
 * The commands that run something: an execution, a verification.
 */
export function addExecuteCommands(context: ICommandContext): void {
  const { app, executions, features, models, trans } = context;
  const { commands } = app;
  const isEnabled = (): boolean => models.current !== null;
  const running = (): api.Execution | undefined =>
    executions.list.find(
      ({ path, status }) =>
        status === 'RUNNING' && path === models.current?.path
    );

  commands.addCommand(CommandIDs.runPipeline, {
    label: trans.__('Run Pipeline Locally'),
    caption: trans.__('Save, then run the stages isolated on this machine'),
    describedBy: NO_ARGUMENTS,
    isEnabled,
    isVisible: () => features.has('run'),
    execute: () => run(context)
  });

  commands.addCommand(CommandIDs.stopExecution, {
    label: trans.__('Stop Execution'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          execution: {
            type: 'string',
            description: trans.__('Id; by default that of this notebook')
          }
        },
        additionalProperties: false
      }
    },
    isEnabled: args =>
      typeof args.execution === 'string' || running() !== undefined,
    execute: async args => {
      const id = args.execution ?? running()?.id;
      if (typeof id === 'string') {
        await executions.stop(id);
      }
    }
  });

  commands.addCommand(CommandIDs.verifyNotebook, {
    label: trans.__('Verify Pipeline'),
    caption: trans.__(
      'Run the notebook straight and as stages, and compare what they compute'
    ),
    describedBy: NO_ARGUMENTS,
    isEnabled,
    isVisible: () => features.has('verify'),
    execute: () => verify(context)
  });

  commands.addCommand(CommandIDs.prepareExecution, {
    label: trans.__('Run Pipeline With Other Parameters'),
    caption: trans.__(
      'Open the notebook with the parameters of an execution in the panel, to edit them'
    ),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          execution: { type: 'string', description: trans.__('Id') }
        },
        required: ['execution'],
        additionalProperties: false
      }
    },
    isVisible: () => features.has('run'),
    execute: async args => {
      const execution = executions.list.find(({ id }) => id === args.execution);
      if (!execution?.path) {
        return;
      }
      const panel: NotebookPanel | undefined = await commands.execute(
        'docmanager:open',
        { path: execution.path, factory: 'Notebook' }
      );
      const model = panel && (await models.show(panel));
      for (const name of [...(model?.values.keys() ?? [])]) {
        model?.setValue(name, undefined);
      }
      for (const [name, value] of Object.entries(execution.parameters)) {
        model?.setValue(name, value as JSONValue);
      }
      app.shell.activateById(PANEL_ID);
    }
  });

  commands.addCommand(CommandIDs.debugStage, {
    label: trans.__('Debug Stage Here'),
    caption: trans.__(
      'Open the stage with a kernel that holds what the stage was given'
    ),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          execution: { type: 'string', description: trans.__('Id') },
          stage: { type: 'string', description: trans.__('Name') }
        },
        required: ['execution', 'stage'],
        additionalProperties: false
      }
    },
    isVisible: () => features.has('debug'),
    execute: args =>
      debugStage(String(args.execution), String(args.stage), context)
  });
}

async function run(context: ICommandContext): Promise<void> {
  const { app, executions, trans } = context;
  await withNote(context, trans.__('Starting…'), async model => {
    await model.save();
    const { id } = await executions.start({
      path: model.path,
      parameters: Object.fromEntries(model.values)
    });
    follow(id, context);
    return {
      type: 'info',
      message: trans.__('The stages run on this machine.'),
      autoClose: 4000,
      actions: [
        {
          label: trans.__('Show the execution'),
          callback: () =>
            void app.commands.execute(CommandIDs.openExecutions, {
              execution: id
            })
        }
      ]
    };
  });
}

/** Tell when an execution has ended. */
function follow(id: string, { app, executions, trans }: ICommandContext): void {
  const look = (): void => {
    const execution = executions.list.find(own => own.id === id);
    if (!execution || execution.status === 'RUNNING') {
      return;
    }
    executions.changed.disconnect(look);
    const { error, status } = execution;
    const show = {
      label: trans.__('Show the execution'),
      callback: () =>
        void app.commands.execute(CommandIDs.openExecutions, { execution: id })
    };
    if (status === 'SUCCEEDED') {
      Notification.success(trans.__('The execution succeeded.'), {
        autoClose: 8000,
        actions: [show]
      });
      return;
    }
    if (status === 'ABORTED') {
      Notification.info(trans.__('The execution was stopped.'), {
        autoClose: 8000,
        actions: [show]
      });
      return;
    }
    const stage = error?.stage;
    Notification.error(
      stage
        ? trans.__('Stage %1 failed: %2', stage, error.message)
        : trans.__('The execution ended: %1', error?.message ?? status),
      {
        autoClose: false,
        actions: [
          show,
          ...(stage && app.commands.isVisible(CommandIDs.debugStage)
            ? [
                {
                  label: trans.__('Debug here'),
                  callback: () =>
                    void app.commands.execute(CommandIDs.debugStage, {
                      execution: id,
                      stage
                    })
                }
              ]
            : [])
        ]
      }
    );
  };
  executions.changed.connect(look);
  look();
}

async function verify(context: ICommandContext): Promise<void> {
  const { client, trans } = context;
  await withNote(
    context,
    trans.__('Verifying: the notebook runs straight, then as stages…'),
    async model => {
      await model.save();
      let job = await client.verify({
        path: model.path,
        parameters: Object.fromEntries(model.values)
      });
      while (job.status === 'RUNNING') {
        await new Promise(resolve => setTimeout(resolve, POLL));
        job = await client.job(job.id);
      }
      if (job.error) {
        throw new RefusedError(job.error);
      }
      const found = job.result as IVerification | null;
      if (!found) {
        return {
          type: 'info',
          message: trans.__('The verification was stopped.')
        };
      }
      const isEqual = found.verdict === 'equal';
      const { length } = found.variables.filter(({ equal }) => equal);
      const said = trans._n(
        '%1 variable is as in the notebook.',
        '%1 variables are as in the notebook.',
        length
      );
      return {
        type: isEqual ? 'success' : 'error',
        message: isEqual ? said : `${verdictOf(found, trans)}.`,
        autoClose: false,
        actions: [
          {
            label: trans.__('Show the comparison'),
            callback: () => void verifyDialog(found, trans).launch()
          }
        ]
      };
    }
  );
}
