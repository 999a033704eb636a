import type { ISharedNotebook } from '@jupyter/ydoc';

/**
 * Edits of tags and settings as steps of the notebook's own undo history.
 *
 * JupyterLab's history holds changes of cells only. Ours change the notebook's metadata as well,
 * and both have to come back together; what others write into the metadata, such as the
 * kernel's name, stays out of the history as before.
 */
export class History {
  constructor(notebook: ISharedNotebook) {
    this._notebook = notebook;
    const { undoManager, ymeta, ydoc } = notebook as unknown as IShared;
    if (undoManager && ymeta && ydoc) {
      const cells = ydoc.getArray('cells');
      const capture = undoManager.captureTransaction;
      undoManager.addToScope([ymeta]);
      undoManager.captureTransaction = transaction =>
        capture(transaction) &&
        (this._isEditing || transaction.changedParentTypes.has(cells));
      this._manager = undoManager;
    }
  }

  /**
   * Make all changes of a function one step.
   */
  edit(change: () => void): void {
    // Steps in quick succession would be joined otherwise.
    this._manager?.stopCapturing();
    this._isEditing = true;
    try {
      this._notebook.transact(change, true);
    } finally {
      this._isEditing = false;
      this._manager?.stopCapturing();
    }
  }

  private readonly _notebook: ISharedNotebook;
  private readonly _manager: IManager | null = null;
  private _isEditing = false;
}

/** The part of Yjs that JupyterLab's interface does not name. */
interface IShared {
  readonly ymeta?: object;
  readonly ydoc?: { getArray(name: string): object };
  readonly undoManager?: IManager;
}

interface IManager {
  captureTransaction(transaction: ITransaction): boolean;
  addToScope(types: object[]): void;
  stopCapturing(): void;
}

interface ITransaction {
  readonly changedParentTypes: Map<object, unknown>;
}
