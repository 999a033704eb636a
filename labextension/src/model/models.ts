import type {
  INotebookModel,
  INotebookTracker,
  NotebookPanel
} from '@jupyterlab/notebook';
import { Signal, type ISignal } from '@lumino/signaling';
import type { DocumentRegistry } from '@jupyterlab/docregistry';

import type { IClient } from '../client';
import type { IStageModel, IStageModels } from '../tokens';
import { NotebookHost } from './host';
import { StageModel } from './stageModel';

/**
 * Keeps one model for each open notebook, however many views it has, and says which is in front.
 */
export class StageModels implements IStageModels {
  constructor(options: StageModels.IOptions) {
    this._options = options;
    options.tracker.currentChanged.connect(this._onCurrent, this);
    this._onCurrent();
  }

  get current(): IStageModel | null {
    return this._current;
  }

  get currentChanged(): ISignal<this, IStageModel | null> {
    return this._currentChanged;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get selection(): readonly number[] {
    const notebook = this._options.tracker.currentWidget?.content;
    return (notebook?.widgets ?? []).flatMap((cell, index) =>
      notebook?.isSelectedOrActive(cell) ? [index] : []
    );
  }

  get isWatched(): boolean {
    return this._isWatched;
  }

  set isWatched(watched: boolean) {
    this._isWatched = watched;
    this._setLive();
  }

  /**
   * Return the model of a notebook, once its content is there.
   */
  async of(panel: NotebookPanel): Promise<StageModel | null> {
    await panel.context.ready;
    const known = this._models.get(panel.context);
    if (known) {
      return known;
    }
    if (panel.isDisposed || !panel.context.model) {
      return null;
    }
    const { client, localPath } = this._options;
    const model = new StageModel({
      client,
      notebook: panel.context.model.sharedModel,
      host: new NotebookHost({ panel, localPath })
    });
    this._models.set(panel.context, model);
    panel.context.disposed.connect(() => {
      this._models.delete(panel.context);
      model.dispose();
    });
    return model;
  }

  async show(panel: NotebookPanel): Promise<StageModel | null> {
    const model = await this.of(panel);
    await this._turn();
    return model;
  }

  private _onCurrent(): void {
    void this._turn();
  }

  private async _turn(): Promise<void> {
    const { tracker } = this._options;
    const panel = tracker.currentWidget;
    const model = panel && (await this.of(panel));
    if (panel !== tracker.currentWidget || model === this._current) {
      return;
    }
    this._current?.changed.disconnect(this._onChange, this);
    if (this._current) {
      this._current.isLive = false;
    }
    this._current = model;
    model?.changed.connect(this._onChange, this);
    this._setLive();
    this._currentChanged.emit(model);
    this._changed.emit();
  }

  private _onChange(): void {
    this._setLive();
    this._changed.emit();
  }

  private _setLive(): void {
    if (this._current) {
      this._current.isLive = this._isWatched || this._current.layout.isTagged;
    }
  }

  private readonly _options: StageModels.IOptions;
  private readonly _models = new Map<
    DocumentRegistry.IContext<INotebookModel>,
    StageModel
  >();
  private readonly _currentChanged = new Signal<this, IStageModel | null>(this);
  private readonly _changed = new Signal<this, void>(this);
  private _current: StageModel | null = null;
  private _isWatched = false;
}

/**
 * A namespace for statics of the models.
 */
export namespace StageModels {
  export interface IOptions {
    tracker: INotebookTracker;
    client: IClient;
    /** Takes a drive's prefix off a path. */
    localPath: (path: string) => string;
  }
}
