import { Debouncer } from '@lumino/polling';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IClient } from '../client';
import type { ICheck, IExport } from '../protocol';
import type { IPipelineModel, PipelineState } from '../tokens';

/**
 * A notebook as the model needs it; the panel's plug-in wraps the real one.
 */
export interface INotebookSource {
  readonly path: string;
  /** Emitted when a cell's text, tags or metadata change. */
  readonly changed: ISignal<unknown, unknown>;
  /** The notebook as nbformat JSON, unsaved edits included. */
  content(): unknown;
  save(): Promise<void>;
  reveal(cell: number): Promise<void>;
}

/**
 * Follows one notebook at a time and keeps the server's answer about it.
 *
 * Nothing here needs a kernel: the notebook's text goes to the server, where it is only read.
 */
export class PipelineModel implements IPipelineModel {
  constructor(options: PipelineModel.IOptions) {
    this._client = options.client;
    this._pause = new Debouncer(() => this.refresh(), options.pause ?? 400);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get path(): string {
    return this._source?.path ?? '';
  }

  get state(): PipelineState {
    return this._state;
  }

  get check(): ICheck | null {
    return this._check;
  }

  get failure(): string {
    return this._failure;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /**
   * Turn to another notebook, or to none.
   */
  follow(source: INotebookSource | null): Promise<void> {
    this._source?.changed.disconnect(this._onEdit, this);
    this._source = source;
    source?.changed.connect(this._onEdit, this);
    this._check = null;
    this._set(source ? 'stale' : 'empty');
    return this.refresh();
  }

  async refresh(): Promise<void> {
    const source = this._source;
    if (!source) {
      return;
    }
    // Answers may overtake each other; only the one to the last question counts.
    const question = ++this._question;
    try {
      const check = await this._client.check(source.content(), source.path);
      if (question === this._question && source === this._source) {
        this._check = check;
        this._set('ready');
      }
    } catch (error) {
      if (question === this._question && source === this._source) {
        this._check = null;
        this._set('failed', reason(error));
      }
    }
  }

  async export(): Promise<IExport> {
    const source = this._source;
    if (!source) {
      throw new Error('No notebook is open.');
    }
    await source.save();
    return this._client.export(source.path);
  }

  async reveal(cell: number): Promise<void> {
    await this._source?.reveal(cell);
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._pause.dispose();
    this._source = null;
    Signal.clearData(this);
  }

  private _onEdit(): void {
    this._set('stale');
    // A rejected pause is one that was disposed of.
    this._pause.invoke().catch(() => undefined);
  }

  private _set(state: PipelineState, failure = ''): void {
    if (this._isDisposed) {
      return;
    }
    this._state = state;
    this._failure = failure;
    this._changed.emit();
  }

  private readonly _client: IClient;
  private readonly _pause: Debouncer<void>;
  private readonly _changed = new Signal<this, void>(this);
  private _source: INotebookSource | null = null;
  private _state: PipelineState = 'empty';
  private _check: ICheck | null = null;
  private _failure = '';
  private _question = 0;
  private _isDisposed = false;
}

/**
 * A namespace for model statics.
 */
export namespace PipelineModel {
  export interface IOptions {
    client: IClient;
    /** Milliseconds without an edit before the server is asked. */
    pause?: number;
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
