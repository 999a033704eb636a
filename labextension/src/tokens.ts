import type { NotebookPanel } from '@jupyterlab/notebook';
import { Token, type JSONValue } from '@lumino/coreutils';
import type { IObservableDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type * as api from './api';
import type { StageEdits } from './notebook/edits';
import type { ILayout } from './notebook/layout';

/**
 * What a check can be doing.
 *
 * `stale` means that the notebook changed and the answer on screen is of before.
 */
export type CheckState = 'idle' | 'stale' | 'ready' | 'failed';

/**
 * One notebook as the pipeline that it would become.
 */
export interface IStageModel extends IObservableDisposable {
  /** Emitted when the answer of the check, the settings or the layout changed. */
  readonly changed: ISignal<IStageModel, void>;

  /** Emitted when a cell got another part; at once, without asking the server. */
  readonly layoutChanged: ISignal<IStageModel, void>;

  /** Contents path of the notebook. */
  readonly path: string;

  readonly layout: ILayout;

  /** The text of each cell. */
  readonly sources: readonly string[];

  /** What may be changed in the notebook; every change can be undone. */
  readonly edits: StageEdits;

  readonly state: CheckState;

  /** The last answer about this notebook, also while a newer one is awaited. */
  readonly check: api.Check | null;

  /** Why there is no answer, in the server's words. */
  readonly failure: string;

  /** Values of parameters for the next execution, where they differ from the defaults. */
  readonly values: ReadonlyMap<string, JSONValue>;

  setValue(parameter: string, value: JSONValue | undefined): void;

  /** Ask for a check now, without waiting for the author to pause. */
  refresh(): Promise<void>;

  /** Ask for a proposal of stages. */
  suggest(): Promise<api.Suggestion>;

  save(): Promise<void>;

  /** Scroll to a cell, make it the active one and put the cursor into the line. */
  reveal(cell: number, line?: number | null): Promise<void>;

  /** Select cells in the notebook. */
  select(cells: readonly number[]): Promise<void>;

  undo(): void;
  redo(): void;
}

/**
 * The models of all open notebooks.
 */
export interface IStageModels {
  /** The notebook in front; null when there is none. */
  readonly current: IStageModel | null;

  readonly currentChanged: ISignal<IStageModels, IStageModel | null>;

  /** Emitted when anything about the notebook in front changed. */
  readonly changed: ISignal<IStageModels, void>;

  /** Whether somebody looks: then every notebook is checked as it is edited, else pipelines only. */
  isWatched: boolean;

  /** The model of a notebook, once its content is there; null when it was closed before. */
  of(panel: NotebookPanel): Promise<IStageModel | null>;

  /** Likewise, of a notebook that was just brought to the front: it is the current one then. */
  show(panel: NotebookPanel): Promise<IStageModel | null>;

  /** The cells that commands are about: those selected in the notebook in front. */
  readonly selection: readonly number[];
}

export const IStageModels = new Token<IStageModels>(
  'jupyter-zflow:IStageModels',
  'Open notebooks as the pipelines that they would become.'
);

/**
 * The executions that the server knows.
 */
export interface IExecutions {
  readonly changed: ISignal<IExecutions, void>;

  /** The latest first. */
  readonly list: readonly api.Execution[];

  /** Why the list cannot be had; empty when it can. */
  readonly failure: string;

  /** The latest execution of a notebook that was started here. */
  latest(path: string): api.Execution | null;

  refresh(): Promise<void>;
  start(request: api.ExecutionRequest): Promise<api.Execution>;
  stop(id: string): Promise<void>;
}

export const IExecutions = new Token<IExecutions>(
  'jupyter-zflow:IExecutions',
  'The executions that the server knows, followed as they go.'
);

/**
 * The commands, by what they do.
 */
export namespace CommandIDs {
  export const openPanel = 'zflow:open-panel';
  export const checkNotebook = 'zflow:check-notebook';
  export const suggestStages = 'zflow:suggest-stages';
  export const assignStage = 'zflow:assign-stage';
  export const runPipeline = 'zflow:run-pipeline';
  export const stopExecution = 'zflow:stop-execution';
  export const verifyNotebook = 'zflow:verify-notebook';
  export const exportPipeline = 'zflow:export-pipeline';
  export const exportFile = 'zflow:export-file';
  export const openExecutions = 'zflow:open-executions';
  export const prepareExecution = 'zflow:prepare-execution';
  export const debugStage = 'zflow:debug-stage';
}

/** The panel's id in the shell. */
export const PANEL_ID = 'jp-zflow-panel';
