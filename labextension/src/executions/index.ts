import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ICommandPalette,
  MainAreaWidget,
  WidgetTracker
} from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Client } from '../client';
import { pipelineIcon } from '../icons';
import { CommandIDs, IExecutions } from '../tokens';
import { Executions } from './model';
import { ExecutionsView } from './widget';

/**
 * Provides the executions that the server knows.
 */
export const executionsPlugin: JupyterFrontEndPlugin<IExecutions> = {
  id: 'jupyter-zflow:executions',
  description: 'Provides the executions that the server knows.',
  autoStart: true,
  provides: IExecutions,
  activate: (app: JupyterFrontEnd) => {
    const { events, serverSettings } = app.serviceManager;
    return new Executions({
      client: new Client({ settings: serverSettings }),
      events: events.stream
    });
  }
};

/**
 * Shows executions in the main area.
 */
export const executionsViewPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-zflow:executions-view',
  description: 'Shows executions and how their stages fare.',
  autoStart: true,
  requires: [IExecutions],
  optional: [ITranslator, ICommandPalette, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    executions: IExecutions,
    optionalTranslator: ITranslator | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null
  ) => {
    const { commands, serviceManager, shell } = app;
    const translator = optionalTranslator ?? nullTranslator;
    const trans = translator.load('jupyter-zflow');
    const client = new Client({ settings: serviceManager.serverSettings });
    const tracker = new WidgetTracker<MainAreaWidget<ExecutionsView>>({
      namespace: 'jp-zflow-executions'
    });

    const open = (): MainAreaWidget<ExecutionsView> => {
      const content = new ExecutionsView({
        client,
        commands,
        executions,
        translator,
        trans
      });
      const widget = new MainAreaWidget({ content });
      widget.id = 'jp-zflow-executions';
      widget.title.label = trans.__('Executions');
      widget.title.icon = pipelineIcon;
      widget.title.closable = true;
      void tracker.add(widget);
      shell.add(widget, 'main', { type: 'Pipeline' });
      return widget;
    };

    commands.addCommand(CommandIDs.openExecutions, {
      label: trans.__('Pipeline Executions'),
      caption: trans.__('List executions and follow them as they run'),
      icon: args => (args.isPalette ? undefined : pipelineIcon),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            execution: {
              type: 'string',
              description: trans.__('Id of the execution to show')
            },
            isPalette: { type: 'boolean' }
          },
          additionalProperties: false
        }
      },
      execute: args => {
        const widget = tracker.find(() => true) ?? open();
        if (typeof args.execution === 'string') {
          widget.content.choose(args.execution);
        }
        shell.activateById(widget.id);
      }
    });
    palette?.addItem({
      command: CommandIDs.openExecutions,
      category: trans.__('Pipeline'),
      args: { isPalette: true }
    });
    void restorer?.restore(tracker, {
      command: CommandIDs.openExecutions,
      name: () => 'executions'
    });
  }
};
