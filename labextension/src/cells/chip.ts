import type { TranslationBundle } from '@jupyterlab/translation';

import type { IPart } from '../notebook/layout';
import { duration, type CellStatus, type ICellStatus } from './status';

/** Colours there are; stages beyond take them again. */
export const COLOURS = 7;

const MARKS: Record<CellStatus, string> = {
  waiting: '…',
  running: '▶',
  done: '✓',
  failed: '✗',
  stopped: '■'
};

/** What a chip shows. */
export interface IChip {
  readonly part: IPart;
  /** Position of the stage among the stages; decides the colour. */
  readonly rank: number;
  readonly status: ICellStatus | null;
}

/**
 * Make the button that shows a cell's stage and opens the menu.
 *
 * A plain element and not a widget: a notebook may have thousands of cells.
 */
export function makeChip(): HTMLButtonElement {
  const chip = document.createElement('button');
  chip.type = 'button';
  chip.className = 'jp-Zflow-chip';
  chip.setAttribute('aria-haspopup', 'menu');
  // One stop for each cell would bury the notebook's own; the command reaches the menu by key.
  chip.tabIndex = -1;
  return chip;
}

/**
 * Show a cell's part on its chip and on the cell's edge.
 */
export function drawChip(
  chip: HTMLButtonElement,
  cell: HTMLElement,
  { part, rank, status }: IChip,
  trans: TranslationBundle
): void {
  const label = part.stage ?? partLabel(part.kind, trans);
  const mark = status ? `${MARKS[status.status]} ` : '';
  const time =
    status?.seconds && status.status !== 'waiting'
      ? ` ${duration(status.seconds)}`
      : '';
  const text = `${mark}${label}${time}`;
  if (chip.textContent !== text) {
    chip.textContent = text;
  }
  const title = part.inherited
    ? trans.__('%1, as the cell above. Click to change.', label)
    : trans.__('%1. Click to change.', label);
  chip.title = title;
  chip.setAttribute(
    'aria-label',
    status ? `${title} ${statusLabel(status.status, trans)}` : title
  );
  chip.dataset.inherited = String(part.inherited);
  cell.dataset.zflowPart = part.kind;
  cell.dataset.zflowColour = String(rank % COLOURS);
  if (status) {
    cell.dataset.zflowStatus = status.status;
  } else {
    delete cell.dataset.zflowStatus;
  }
}

/**
 * Take the marks off a cell.
 */
export function eraseChip(chip: HTMLButtonElement, cell: HTMLElement): void {
  chip.remove();
  delete cell.dataset.zflowPart;
  delete cell.dataset.zflowColour;
  delete cell.dataset.zflowStatus;
}

/**
 * Call a part that is no stage by its name.
 */
export function partLabel(
  kind: IPart['kind'],
  trans: TranslationBundle
): string {
  switch (kind) {
    case 'setup':
      return trans.__('setup');
    case 'parameters':
      return trans.__('parameters');
    case 'skip':
      return trans.__('skipped');
    case 'stage':
      return trans.__('stage');
  }
}

function statusLabel(status: CellStatus, trans: TranslationBundle): string {
  switch (status) {
    case 'waiting':
      return trans.__('Waiting.');
    case 'running':
      return trans.__('Running.');
    case 'done':
      return trans.__('Done.');
    case 'failed':
      return trans.__('Failed.');
    case 'stopped':
      return trans.__('Not run to its end.');
  }
}
