import { YNotebook } from '@jupyter/ydoc';

/** A cell in one line: its text, and its tags. */
export type CellRow = string | [source: string, ...tags: string[]];

/**
 * A notebook without JupyterLab.
 *
 * @param disableDocumentWideUndoRedo - as JupyterLab has it
 */
export function notebook(
  cells: readonly CellRow[],
  metadata: Record<string, unknown> = {}
): YNotebook {
  return YNotebook.create({
    disableDocumentWideUndoRedo: true,
    data: {
      nbformat: 4,
      nbformat_minor: 5,
      metadata,
      cells: cells.map(row => {
        const [source, ...tags] = typeof row === 'string' ? [row] : row;
        const isText = source.startsWith('# ');
        return {
          cell_type: isText ? 'markdown' : 'code',
          source,
          metadata: tags.length > 0 ? { tags } : {},
          ...(isText ? {} : { outputs: [], execution_count: null })
        };
      })
    }
  } as unknown as Parameters<typeof YNotebook.create>[0]);
}

/** The tags of all cells, as one word each. */
export function tags(document: YNotebook): string[] {
  return document.cells.map(cell =>
    ((cell.getMetadata('tags') ?? []) as string[]).join(' ')
  );
}
