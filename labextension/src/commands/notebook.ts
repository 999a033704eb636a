import { Dialog, showErrorMessage } from '@jupyterlab/apputils';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { partLabel } from '../cells/chip';
import { stageMenu } from '../cells/menu';
import { reason } from '../client';
import { askName } from '../dialogs/ask';
import { SuggestBody, type IProposal } from '../dialogs/suggest';
import { pipelineIcon } from '../icons';
import { CommandIDs, PANEL_ID } from '../tokens';
import { NO_ARGUMENTS, type ICommandContext } from './context';

const KINDS = ['setup', 'parameters', 'skip', 'untagged'] as const;

/**
 * The commands that look at a notebook or tag its cells.
 */
export function addNotebookCommands(context: ICommandContext): void {
  const { app, features, models, trans } = context;
  const { commands, shell } = app;
  const isEnabled = (): boolean => models.current !== null;

  commands.addCommand(CommandIDs.openPanel, {
    label: trans.__('Show Pipeline'),
    icon: pipelineIcon,
    describedBy: NO_ARGUMENTS,
    execute: () => shell.activateById(PANEL_ID)
  });

  commands.addCommand(CommandIDs.checkNotebook, {
    label: trans.__('Check Notebook as Pipeline'),
    caption: trans.__('Say what keeps the notebook from being a pipeline'),
    describedBy: NO_ARGUMENTS,
    isEnabled,
    execute: async () => {
      shell.activateById(PANEL_ID);
      await models.current?.refresh();
    }
  });

  commands.addCommand(CommandIDs.suggestStages, {
    label: trans.__('Suggest Stages…'),
    caption: trans.__('Propose stages for the cells, to accept or edit'),
    describedBy: NO_ARGUMENTS,
    isEnabled,
    isVisible: () => features.has('suggest'),
    execute: () => suggest(context)
  });

  commands.addCommand(CommandIDs.assignStage, {
    label: args => assignLabel(args, context),
    caption: trans.__('Choose what the selected cells are in the pipeline'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          kind: {
            type: 'string',
            enum: ['stage', 'new', ...KINDS],
            description: trans.__('What the cells become; asked without it')
          },
          stage: {
            type: 'string',
            description: trans.__('Name of the stage, for the kind stage')
          },
          cells: {
            type: 'array',
            items: { type: 'integer' },
            description: trans.__('Cells, from 0; by default those selected')
          },
          x: { type: 'number' },
          y: { type: 'number' }
        },
        additionalProperties: false
      }
    },
    isEnabled,
    isToggled: args => isAssigned(args, context),
    execute: async args => {
      await assign(args, context);
      if (args.kind !== undefined) {
        // The menu took the keyboard away from the notebook.
        await commands.execute('notebook:enter-command-mode');
      }
    }
  });
}

function assignLabel(
  args: ReadonlyPartialJSONObject,
  { models, trans }: ICommandContext
): string {
  switch (args.kind) {
    case 'stage':
      return String(args.stage);
    case 'new':
      return models.selection.length > 1
        ? trans.__('New stage of these cells…')
        : trans.__('New stage from here…');
    case 'untagged':
      return trans.__('As the cell above');
    case 'setup':
    case 'parameters':
    case 'skip':
      return partLabel(args.kind, trans);
    default:
      return trans.__('Assign Stage…');
  }
}

function isAssigned(
  args: ReadonlyPartialJSONObject,
  { models }: ICommandContext
): boolean {
  const { current, selection } = models;
  if (!current || typeof args.kind !== 'string') {
    return false;
  }
  const parts = selection.map(cell => current.layout.parts[cell]);
  return parts.length > 0 && args.kind === 'untagged'
    ? parts.every(part => part?.inherited)
    : parts.every(
        part =>
          part &&
          !part.inherited &&
          part.kind === args.kind &&
          (part.kind !== 'stage' || part.stage === args.stage)
      );
}

async function assign(
  args: ReadonlyPartialJSONObject,
  { app, models, trans }: ICommandContext
): Promise<void> {
  const model = models.current;
  if (!model) {
    return;
  }
  const cells = Array.isArray(args.cells)
    ? args.cells.filter((cell): cell is number => typeof cell === 'number')
    : models.selection;
  const kind = KINDS.find(name => name === args.kind);
  if (kind) {
    model.edits.assign(cells, { kind });
  } else if (args.kind === 'stage' && typeof args.stage === 'string') {
    model.edits.assign(cells, { kind: 'stage', stage: args.stage });
  } else if (args.kind === 'new') {
    const stage = await askName(null, model, trans);
    if (stage !== null) {
      // A stage that begins at one cell takes along the cells that follow it.
      const keepOthers = cells.length > 1;
      model.edits.assign(cells, { kind: 'stage', stage }, { keepOthers });
    }
  } else {
    const active = document.querySelector('.jp-Notebook-cell.jp-mod-active');
    const place = active?.getBoundingClientRect();
    const menu = stageMenu(model, app.commands, trans);
    menu.open(
      typeof args.x === 'number' ? args.x : (place?.left ?? 0) + 80,
      typeof args.y === 'number' ? args.y : (place?.top ?? 0) + 20
    );
  }
}

async function suggest({ models, trans }: ICommandContext): Promise<void> {
  const model = models.current;
  if (!model) {
    return;
  }
  let proposal: IProposal;
  try {
    proposal = await model.suggest();
  } catch (error) {
    await showErrorMessage(trans.__('No stages to suggest'), reason(error));
    return;
  }
  const body = new SuggestBody(proposal, model.sources, trans);
  const { button, value } = await new Dialog({
    title: trans.__('Suggested stages'),
    body,
    buttons: [
      Dialog.cancelButton(),
      Dialog.okButton({ label: trans.__('Accept') })
    ]
  }).launch();
  if (button.accept && value && value.length > 0) {
    model.edits.assignAll(value, { keepOthers: false });
  }
}
