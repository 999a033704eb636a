import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type { ICheck, IExport } from './protocol';

/**
 * What the panel can be doing.
 *
 * `stale` means that the notebook changed and the answer on screen is of before.
 */
export type PipelineState = 'empty' | 'stale' | 'ready' | 'failed';

/**
 * The pipeline that the current notebook would become.
 */
export interface IPipelineModel extends IDisposable {
  /** Emitted whenever anything below changed. */
  readonly changed: ISignal<IPipelineModel, void>;

  /** Contents path of the notebook that is followed; empty without one. */
  readonly path: string;

  readonly state: PipelineState;

  /** The last answer about this notebook, also while a newer one is awaited. */
  readonly check: ICheck | null;

  /** Why there is no answer, in the server's words. */
  readonly failure: string;

  /** Ask for a check now, without waiting for the author to pause. */
  refresh(): Promise<void>;

  /** Save the notebook and write its pipeline folder. */
  export(): Promise<IExport>;

  /** Scroll the notebook to a cell and make it the active one. */
  reveal(cell: number): Promise<void>;
}

export const IPipelineModel = new Token<IPipelineModel>(
  'jupyter-zflow:IPipelineModel',
  'The pipeline that the current notebook would become.'
);

/**
 * The commands, by what they do.
 */
export namespace CommandIDs {
  export const openPanel = 'zflow:open-panel';
  export const checkNotebook = 'zflow:check-notebook';
  export const exportPipeline = 'zflow:export-pipeline';
}

/** The panel's id in the shell. */
export const PANEL_ID = 'jp-zflow-panel';
