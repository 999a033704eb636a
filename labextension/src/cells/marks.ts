import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { IExecutions, IStageModel } from '../tokens';
import { drawChip, eraseChip, makeChip } from './chip';
import { cellStatuses } from './status';

/** When chips are shown. */
export type ChipsSetting = 'always' | 'pipelines' | 'never';

/**
 * The chips and edges of one notebook's cells, redrawn once a frame at most.
 */
export class CellMarks implements IDisposable {
  constructor(options: CellMarks.IOptions) {
    this._options = options;
    const { panel, model, executions } = options;
    panel.addClass('jp-Zflow-cells');
    model.layoutChanged.connect(this.update, this);
    executions.changed.connect(this.update, this);
    panel.content.model?.cells.changed.connect(this.update, this);
    panel.disposed.connect(this.dispose, this);
    panel.node.addEventListener('mousedown', this._onMouseDown, true);
    panel.node.addEventListener('click', this._onClick);
    this.update();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /**
   * Draw again, soon.
   */
  update(): void {
    if (this._frame === 0 && !this._isDisposed) {
      this._frame = requestAnimationFrame(() => {
        this._frame = 0;
        this._draw();
      });
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    cancelAnimationFrame(this._frame);
    const { panel } = this._options;
    panel.node.removeEventListener('mousedown', this._onMouseDown, true);
    panel.node.removeEventListener('click', this._onClick);
    Signal.clearData(this);
  }

  private _draw(): void {
    const { panel, model, executions, trans } = this._options;
    const { layout } = model;
    const shows = this._options.setting();
    const isShown =
      shows === 'always' || (shows === 'pipelines' && layout.isTagged);
    panel.toggleClass('jp-Zflow-marked', isShown);
    const ranks = new Map(layout.stages.map((name, rank) => [name, rank]));
    const statuses = cellStatuses(layout, executions.latest(model.path));
    panel.content.widgets.forEach((cell, index) => {
      const part = isShown ? layout.parts[index] : null;
      let chip = this._chips.get(cell);
      if (!part) {
        if (chip) {
          eraseChip(chip, cell.node);
          this._chips.delete(cell);
        }
        return;
      }
      if (!chip) {
        chip = makeChip();
        this._chips.set(cell, chip);
        cell.node.append(chip);
      }
      const rank = ranks.get(part.stage ?? '') ?? 0;
      const status = statuses.get(index) ?? null;
      drawChip(chip, cell.node, { part, rank, status }, trans);
    });
  }

  private _cellOf(event: Event): number {
    const chip = (event.target as Element).closest?.('.jp-Zflow-chip');
    return chip
      ? this._options.panel.content.widgets.findIndex(
          cell => this._chips.get(cell) === chip
        )
      : -1;
  }

  /** A click on a chip must not give up the selection that its menu is about. */
  private readonly _onMouseDown = (event: MouseEvent): void => {
    if (this._cellOf(event) >= 0) {
      event.preventDefault();
    }
  };

  private readonly _onClick = (event: MouseEvent): void => {
    const cell = this._cellOf(event);
    const notebook = this._options.panel.content;
    const widget = notebook.widgets[cell];
    if (!widget) {
      return;
    }
    if (!notebook.isSelectedOrActive(widget)) {
      notebook.deselectAll();
      notebook.activeCellIndex = cell;
    }
    const place = (event.target as Element).getBoundingClientRect();
    this._options.openMenu(place.left, place.bottom);
  };

  private readonly _options: CellMarks.IOptions;
  private readonly _chips = new WeakMap<Cell, HTMLButtonElement>();
  private _frame = 0;
  private _isDisposed = false;
}

/**
 * A namespace for statics of the marks.
 */
export namespace CellMarks {
  export interface IOptions {
    panel: NotebookPanel;
    model: IStageModel;
    executions: IExecutions;
    trans: TranslationBundle;
    setting: () => ChipsSetting;
    /** Open the menu about the selected cells. */
    openMenu: (x: number, y: number) => void;
  }
}
