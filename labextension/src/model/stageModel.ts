import type { CellChange, ISharedCell, ISharedNotebook } from '@jupyter/ydoc';
import type { JSONValue } from '@lumino/coreutils';
import { JSONExt, UUID } from '@lumino/coreutils';
import { Signal, type ISignal } from '@lumino/signaling';

import type * as api from '../api';
import { reason, type IClient } from '../client';
import { StageEdits, tagsOf } from '../notebook/edits';
import { EMPTY, layOut, type ILayout } from '../notebook/layout';
import { readRole, type IRole } from '../notebook/roles';
import type { CheckState, IStageModel } from '../tokens';

/**
 * What the model needs of the place where the notebook is shown.
 */
export interface INotebookHost {
  /** Contents path of the notebook. */
  readonly path: string;
  save(): Promise<void>;
  reveal(cell: number, line: number | null): Promise<void>;
  select(cells: readonly number[]): Promise<void>;
}

/**
 * Follows one notebook: its layout at once, the server's answer about it a moment later.
 *
 * Nothing here needs a kernel: the notebook's text goes to the server, where it is only read.
 * One question is under way at a time; edits meanwhile make one more, about the latest text.
 */
export class StageModel implements IStageModel {
  constructor(options: StageModel.IOptions) {
    this._notebook = options.notebook;
    this._host = options.host;
    this._client = options.client;
    this._pause = options.pause ?? 30;
    this.edits = new StageEdits(options.notebook, () => this._title);
    this._notebook.changed.connect(this._onNotebookChange, this);
    this._followCells();
    this._layOut();
  }

  readonly edits: StageEdits;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get layoutChanged(): ISignal<this, void> {
    return this._layoutChanged;
  }

  get disposed(): ISignal<this, void> {
    return this._disposed;
  }

  get path(): string {
    return this._host.path;
  }

  get layout(): ILayout {
    return this._layout;
  }

  get state(): CheckState {
    return this._state;
  }

  get check(): api.Check | null {
    return this._check;
  }

  get failure(): string {
    return this._failure;
  }

  get values(): ReadonlyMap<string, JSONValue> {
    return this._values;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Whether edits are checked as they are made. */
  get isLive(): boolean {
    return this._isLive;
  }

  set isLive(live: boolean) {
    const begins = live && !this._isLive;
    this._isLive = live;
    if (begins && this._state !== 'ready') {
      void this.refresh();
    }
  }

  setValue(parameter: string, value: JSONValue | undefined): void {
    if (value === undefined) {
      this._values.delete(parameter);
    } else {
      this._values.set(parameter, value);
    }
    this._changed.emit();
  }

  async refresh(): Promise<void> {
    window.clearTimeout(this._timer);
    this._wanted += 1;
    // Whoever asks while a question is under way gets the answer to the one after it.
    this._asking ??= this._ask().finally(() => (this._asking = null));
    await this._asking;
  }

  suggest(): Promise<api.Suggestion> {
    return this._client.suggest({
      path: this.path,
      notebook: this.content()
    });
  }

  save(): Promise<void> {
    return this._host.save();
  }

  async reveal(cell: number, line: number | null = null): Promise<void> {
    await this._host.reveal(cell, line);
  }

  async select(cells: readonly number[]): Promise<void> {
    await this._host.select(cells);
  }

  undo(): void {
    this._notebook.undo();
  }

  redo(): void {
    this._notebook.redo();
  }

  get sources(): readonly string[] {
    return this._notebook.cells.map(cell => cell.getSource());
  }

  /**
   * The notebook as nbformat JSON, unsaved edits included, outputs left out.
   */
  content(): Record<string, unknown> {
    return {
      nbformat: this._notebook.nbformat,
      nbformat_minor: this._notebook.nbformat_minor,
      metadata: this._notebook.getMetadata(),
      cells: this._notebook.cells.map(cell => ({
        cell_type: cell.cell_type,
        id: cell.getId(),
        metadata: cell.getMetadata(),
        source: cell.getSource(),
        ...('execution_count' in cell
          ? { execution_count: cell.execution_count, outputs: [] }
          : {})
      }))
    };
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    window.clearTimeout(this._timer);
    this._notebook.changed.disconnect(this._onNotebookChange, this);
    for (const cell of this._followed) {
      cell.changed.disconnect(this._onCellChange, this);
    }
    this._disposed.emit();
    Signal.clearData(this);
  }

  private get _title(): string {
    const [file] = this.path.split('/').slice(-1);
    return file.replace(/\.ipynb$/, '');
  }

  private async _ask(): Promise<void> {
    let answered = 0;
    while (answered !== this._wanted && !this._isDisposed) {
      answered = this._wanted;
      try {
        const check = await this._client.check({
          path: this.path,
          notebook: this.content(),
          tab: this._tab,
          generation: answered
        });
        this._settle(answered, check, '');
      } catch (error) {
        this._settle(answered, null, reason(error));
      }
    }
  }

  private _settle(
    answered: number,
    check: api.Check | null,
    failure: string
  ): void {
    if (this._isDisposed) {
      return;
    }
    this._check = check;
    this._failure = failure;
    const isLatest = answered === this._wanted && !this._isEdited;
    this._state = check === null ? 'failed' : isLatest ? 'ready' : 'stale';
    this._changed.emit();
  }

  private _onNotebookChange(
    _: ISharedNotebook,
    change: { cellsChange?: unknown; metadataChange?: unknown }
  ): void {
    if (change.cellsChange) {
      this._followCells();
      this._onEdit();
    } else if (change.metadataChange) {
      this._onEdit();
    }
  }

  private _onCellChange(cell: ISharedCell, change: CellChange): void {
    if (change.sourceChange || change.metadataChange) {
      this._roles.delete(cell);
      this._onEdit();
    }
  }

  /** Many signals belong to one edit: they are answered together, once it is complete. */
  private _onEdit(): void {
    if (this._isEdited) {
      return;
    }
    this._isEdited = true;
    queueMicrotask(() => {
      this._isEdited = false;
      if (this._isDisposed) {
        return;
      }
      this._layOut();
      this._state = this._state === 'idle' ? 'idle' : 'stale';
      this._changed.emit();
      if (this._isLive) {
        window.clearTimeout(this._timer);
        this._timer = window.setTimeout(() => void this.refresh(), this._pause);
      }
    });
  }

  private _layOut(): void {
    const roles = this._notebook.cells.map(cell => this._role(cell));
    const layout = layOut(roles, this._title);
    if (!same(layout, this._layout)) {
      this._layout = layout;
      this._layoutChanged.emit();
    }
  }

  private _role(cell: ISharedCell): IRole | null {
    if (cell.cell_type !== 'code') {
      return null;
    }
    let role = this._roles.get(cell);
    if (!role) {
      role = readRole(tagsOf(cell), cell.getSource());
      this._roles.set(cell, role);
    }
    return role;
  }

  private _followCells(): void {
    const cells = new Set(this._notebook.cells);
    for (const cell of this._followed) {
      if (!cells.has(cell)) {
        cell.changed.disconnect(this._onCellChange, this);
        this._followed.delete(cell);
      }
    }
    for (const cell of cells) {
      if (!this._followed.has(cell)) {
        cell.changed.connect(this._onCellChange, this);
        this._followed.add(cell);
      }
    }
  }

  private readonly _notebook: ISharedNotebook;
  private readonly _host: INotebookHost;
  private readonly _client: IClient;
  private readonly _pause: number;
  private readonly _tab = UUID.uuid4();
  private readonly _changed = new Signal<this, void>(this);
  private readonly _layoutChanged = new Signal<this, void>(this);
  private readonly _disposed = new Signal<this, void>(this);
  private readonly _followed = new Set<ISharedCell>();
  private readonly _roles = new WeakMap<ISharedCell, IRole>();
  private readonly _values = new Map<string, JSONValue>();
  private _layout: ILayout = EMPTY;
  private _state: CheckState = 'idle';
  private _check: api.Check | null = null;
  private _failure = '';
  private _asking: Promise<void> | null = null;
  private _wanted = 0;
  private _timer = 0;
  private _isLive = false;
  private _isEdited = false;
  private _isDisposed = false;
}

/**
 * A namespace for model statics.
 */
export namespace StageModel {
  export interface IOptions {
    notebook: ISharedNotebook;
    host: INotebookHost;
    client: IClient;
    /** Milliseconds without an edit before the server is asked. */
    pause?: number;
  }
}

function same(a: ILayout, b: ILayout): boolean {
  return (
    a.parts.length === b.parts.length &&
    JSONExt.deepEqual(a as unknown as JSONValue, b as unknown as JSONValue)
  );
}
