import type * as api from '../api';
import { cellsOf, type ILayout } from '../notebook/layout';

export type CellStatus = 'waiting' | 'running' | 'done' | 'failed' | 'stopped';

/** How a cell fared in an execution. */
export interface ICellStatus {
  readonly status: CellStatus;
  /** Seconds of the whole stage, at the stage's last cell. */
  readonly seconds: number | null;
}

/**
 * Say of each cell how far an execution has come with it.
 */
export function cellStatuses(
  layout: ILayout,
  execution: api.Execution | null
): Map<number, ICellStatus> {
  const statuses = new Map<number, ICellStatus>();
  for (const run of execution?.stages ?? []) {
    const cells = cellsOf(layout, run.name);
    const [last] = cells.slice(-1);
    for (const cell of cells) {
      const status = statusOf(cell, run);
      if (status) {
        const seconds = cell === last ? run.seconds : null;
        statuses.set(cell, { status, seconds });
      }
    }
  }
  return statuses;
}

function statusOf(cell: number, run: api.StageRun): CellStatus | null {
  const at = run.error?.cell ?? run.source_cell;
  switch (run.status) {
    case 'SUCCEEDED':
    case 'REUSED':
      return 'done';
    case 'RUNNING':
      // The cells that load come before the stage's own, those that save after them.
      if (run.source_cell === null) {
        const isSaving = (run.cell ?? 0) > 1 && run.cell === run.of;
        return isSaving ? 'done' : 'waiting';
      }
      return cell < run.source_cell
        ? 'done'
        : cell === run.source_cell
          ? 'running'
          : 'waiting';
    case 'FAILED':
    case 'TIMED_OUT':
      return at === null || at === undefined
        ? 'failed'
        : cell < at
          ? 'done'
          : cell === at
            ? 'failed'
            : 'stopped';
    case 'ABORTED':
      return 'stopped';
    case 'NOT_RUN':
    case 'SKIPPED':
      return null;
  }
}

/**
 * Write seconds as people do.
 */
export function duration(seconds: number): string {
  if (seconds < 10) {
    return `${seconds.toFixed(1)} s`;
  }
  if (seconds < 60) {
    return `${Math.round(seconds)} s`;
  }
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds % 60);
  return minutes < 60
    ? `${minutes} min ${rest} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
