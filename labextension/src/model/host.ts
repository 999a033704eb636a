import type { NotebookPanel } from '@jupyterlab/notebook';

import type { INotebookHost } from './stageModel';

/**
 * An open notebook, as its model needs it.
 */
export class NotebookHost implements INotebookHost {
  constructor(options: NotebookHost.IOptions) {
    this._panel = options.panel;
    this._localPath = options.localPath;
  }

  get path(): string {
    return this._localPath(this._panel.context.path);
  }

  save(): Promise<void> {
    return this._panel.context.save();
  }

  async reveal(cell: number, line: number | null): Promise<void> {
    await this._show(cell);
    const widget = this._panel.content.widgets[cell];
    if (widget && line !== null) {
      await widget.ready;
      widget.editor?.setCursorPosition({ line: line - 1, column: 0 });
      this._panel.content.mode = 'edit';
      widget.editor?.focus();
    }
  }

  async select(cells: readonly number[]): Promise<void> {
    const [first, ...others] = cells;
    if (first === undefined) {
      return;
    }
    await this._show(first);
    const notebook = this._panel.content;
    for (const cell of others) {
      const widget = notebook.widgets[cell];
      if (widget) {
        notebook.select(widget);
      }
    }
  }

  private async _show(cell: number): Promise<void> {
    const notebook = this._panel.content;
    const widget = notebook.widgets[cell];
    if (widget) {
      notebook.deselectAll();
      notebook.activeCellIndex = cell;
      await notebook.scrollToCell(widget, 'smart');
    }
  }

  private readonly _panel: NotebookPanel;
  private readonly _localPath: (path: string) => string;
}

/**
 * A namespace for host statics.
 */
export namespace NotebookHost {
  export interface IOptions {
    panel: NotebookPanel;
    /** Takes a drive's prefix off a path. */
    localPath: (path: string) => string;
  }
}
