import { showDialog, Dialog } from '@jupyterlab/apputils';
import { ellipsesIcon, MenuSvg } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type * as api from '../api';
import { COLOURS } from '../cells/chip';
import { NO_ARGUMENTS } from '../commands/context';
import { askName } from '../dialogs/ask';
import { StageForm } from '../forms/stageForm';
import { cellsOf } from '../notebook/layout';
import { CommandIDs } from '../tokens';
import { asks } from './asks';
import { usePanel, type ISectionProps } from './context';
import { Section } from './section';

/** What a stage of setup cells that have to run once is called. */
const SETUP = 'setup';

/**
 * The stages in notebook order; the chosen one shows its settings.
 */
export function StagesSection({
  model,
  chosen,
  onChoose
}: ISectionProps & {
  chosen: string | null;
  onChoose: (stage: string | null) => void;
}): React.ReactElement {
  const { trans } = usePanel();
  const { stages } = model.layout;
  const known = new Map(model.check?.stages.map(stage => [stage.name, stage]));
  // A setup cell that runs once is a stage that no cell is tagged for.
  const added = (model.check?.stages ?? [])
    .map(({ name }) => name)
    .filter(name => name === SETUP && !stages.includes(name));
  return (
    <Section
      name="stages"
      title={trans.__('Stages')}
      note={String(stages.length + added.length)}
    >
      {!model.layout.isTagged && <Untagged />}
      <ul className="jp-Zflow-list">
        {stages.map((name, rank) => (
          <Stage
            key={name}
            name={name}
            rank={rank}
            stage={known.get(name)}
            model={model}
            isChosen={name === chosen}
            onChoose={onChoose}
          />
        ))}
        {added.map(name => (
          <li key={name} className="jp-Zflow-stage" data-added="true">
            <div className="jp-Zflow-item">
              <span className="jp-Zflow-itemTitle">{name}</span>
              <span className="jp-Zflow-text">
                {trans.__('setup cells that run once')}
              </span>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Untagged(): React.ReactElement {
  const { commands, trans } = usePanel();
  return (
    <p className="jp-Zflow-hint">
      {trans.__('No cell names a stage yet: the whole notebook is one stage.')}{' '}
      {commands.isVisible(CommandIDs.suggestStages) && (
        <button
          type="button"
          className="jp-Zflow-link"
          onClick={() => void commands.execute(CommandIDs.suggestStages)}
        >
          {trans.__('Suggest stages')}
        </button>
      )}
    </p>
  );
}

function Stage(
  props: ISectionProps & {
    name: string;
    rank: number;
    stage: api.Stage | undefined;
    isChosen: boolean;
    onChoose: (stage: string | null) => void;
  }
): React.ReactElement {
  const { isChosen, model, name, onChoose, rank, stage } = props;
  const { trans } = usePanel();
  const cells = cellsOf(model.layout, name);
  const choose = (): void => {
    onChoose(isChosen ? null : name);
    void model.select(cells);
  };
  return (
    <li
      className="jp-Zflow-stage"
      data-zflow-colour={rank % COLOURS}
      data-chosen={isChosen}
    >
      <div className="jp-Zflow-row">
        <button
          type="button"
          className="jp-Zflow-item"
          aria-expanded={isChosen}
          onClick={choose}
        >
          <span className="jp-Zflow-itemTitle">{name}</span>
          <span className="jp-Zflow-where">
            {trans._n('%1 cell', '%1 cells', cells.length)}
          </span>
          {stage?.compute && (
            <span className="jp-Zflow-text">{asks(stage)}</span>
          )}
          <Names label={trans.__('after')} names={stage?.after} />
          <Names label={trans.__('takes')} names={stage?.reads} isCode />
          <Names label={trans.__('gives')} names={stage?.saves} isCode />
        </button>
        {model.layout.isTagged && <StageMenu model={model} name={name} />}
      </div>
      {isChosen && model.layout.isTagged && (
        <StageForm model={model} name={name} stage={stage} />
      )}
    </li>
  );
}

function Names(props: {
  label: string;
  names: readonly string[] | undefined;
  isCode?: boolean;
}): React.ReactElement | null {
  const { isCode, label, names } = props;
  if (!names || names.length === 0) {
    return null;
  }
  return (
    <span className="jp-Zflow-names">
      <span className="jp-Zflow-label">{label}</span>
      <span className={isCode ? 'jp-Zflow-code' : undefined}>
        {names.join(', ')}
      </span>
    </span>
  );
}

function StageMenu({
  model,
  name
}: ISectionProps & { name: string }): React.ReactElement {
  const { trans } = usePanel();
  const open = (event: React.MouseEvent<HTMLElement>): void => {
    const { left, bottom } = event.currentTarget.getBoundingClientRect();
    stageMenu(model, name, trans).open(left, bottom);
  };
  const label = trans.__('Change stage %1', name);
  return (
    <button
      type="button"
      className="jp-Zflow-more"
      aria-haspopup="menu"
      aria-label={label}
      title={label}
      onClick={open}
    >
      <ellipsesIcon.react tag="span" width="16px" />
    </button>
  );
}

/**
 * Make the menu of one stage: rename, merge, order, delete.
 */
function stageMenu(
  model: ISectionProps['model'],
  name: string,
  trans: ReturnType<typeof usePanel>['trans']
): MenuSvg {
  const commands = new CommandRegistry();
  const menu = new MenuSvg({ commands });
  const others = model.layout.stages.filter(other => other !== name);
  const awaited = model.check?.stages.find(stage => stage.name === name)?.after;
  const add = (
    target: MenuSvg,
    label: string,
    execute: () => unknown,
    isToggled?: boolean
  ): void => {
    const command = `item-${commands.listCommands().length}`;
    commands.addCommand(command, {
      label,
      describedBy: NO_ARGUMENTS,
      execute,
      isToggled: () => isToggled === true
    });
    target.addItem({ command });
  };
  const submenu = (label: string): MenuSvg => {
    const sub = new MenuSvg({ commands });
    sub.title.label = label;
    menu.addItem({ type: 'submenu', submenu: sub });
    return sub;
  };
  add(menu, trans.__('Rename…'), async () => {
    const to = await askName(name, model, trans);
    if (to !== null) {
      model.edits.renameStage(name, to);
    }
  });
  if (others.length > 0) {
    const merge = submenu(trans.__('Merge into'));
    const after = submenu(trans.__('Runs after'));
    for (const other of others) {
      add(merge, other, () => model.edits.renameStage(name, other));
      const waits = awaited?.includes(other) ?? false;
      add(after, other, () => model.edits.setAfter(name, other, !waits), waits);
    }
  }
  menu.addItem({ type: 'separator' });
  add(menu, trans.__('Delete'), async () => {
    const { button } = await showDialog({
      title: trans.__('Delete stage %1?', name),
      body: trans.__(
        'Its cells stay in the notebook and join the stage above them.'
      ),
      buttons: [
        Dialog.cancelButton(),
        Dialog.warnButton({ label: trans.__('Delete') })
      ]
    });
    if (button.accept) {
      model.edits.removeStage(name);
    }
  });
  return menu;
}
