import type { INotebookContent } from '@jupyterlab/nbformat';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { Signal, type ISignal } from '@lumino/signaling';

import type { INotebookSource } from './model';

/**
 * An open notebook, as the pipeline's model needs it.
 */
export class NotebookSource implements INotebookSource {
  constructor(options: NotebookSource.IOptions) {
    this._panel = options.panel;
    this._localPath = options.localPath;
    this._panel.context.model.contentChanged.connect(this._onChange, this);
    this._panel.disposed.connect(() => Signal.clearData(this), this);
  }

  get path(): string {
    return this._localPath(this._panel.context.path);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  content(): unknown {
    const { cells, ...rest } =
      this._panel.context.model.toJSON() as INotebookContent;
    // Outputs are not read, and may be large.
    return {
      ...rest,
      cells: cells.map(cell =>
        'outputs' in cell ? { ...cell, outputs: [] } : cell
      )
    };
  }

  save(): Promise<void> {
    return this._panel.context.save();
  }

  async reveal(cell: number): Promise<void> {
    const notebook = this._panel.content;
    const widget = notebook.widgets[cell];
    if (widget) {
      notebook.activeCellIndex = cell;
      notebook.deselectAll();
      await notebook.scrollToCell(widget, 'smart');
    }
  }

  private _onChange(): void {
    this._changed.emit();
  }

  private readonly _panel: NotebookPanel;
  private readonly _localPath: (path: string) => string;
  private readonly _changed = new Signal<this, void>(this);
}

/**
 * A namespace for source statics.
 */
export namespace NotebookSource {
  export interface IOptions {
    panel: NotebookPanel;
    /** Takes a drive's prefix off a path. */
    localPath: (path: string) => string;
  }
}
