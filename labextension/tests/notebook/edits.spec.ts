import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';

import { StageEdits } from '../../src/notebook/edits';
import { notebook, tags, type CellRow } from '../notebooks';

function edited(cells: readonly CellRow[], metadata = {}) {
  const document = notebook(cells, metadata);
  document.undoManager.clear();
  return { document, edits: new StageEdits(document, () => 'title') };
}

describe('assigning', () => {
  test('the cells below keep their stage', () => {
    const { document, edits } = edited([['a', 'stage:x'], 'b', 'c']);

    edits.assign([0], { kind: 'stage', stage: 'y' });

    expect(tags(document)).toEqual(['stage:y', 'stage:x', '']);
  });

  test('or follow along', () => {
    const { document, edits } = edited([['a', 'stage:x'], 'b', 'c']);

    edits.assign([1], { kind: 'stage', stage: 'y' }, { keepOthers: false });

    expect(tags(document)).toEqual(['stage:x', 'stage:y', '']);
  });

  test('cells before the first stage stay setup', () => {
    const { document, edits } = edited(['a', 'b', ['c', 'stage:x']]);

    edits.assign([0], { kind: 'stage', stage: 'y' });

    expect(tags(document)).toEqual(['stage:y', 'setup', 'stage:x']);
  });

  test('the first stage of a notebook takes the cells below', () => {
    const { document, edits } = edited(['a', 'b', 'c']);

    edits.assign([1], { kind: 'stage', stage: 'x' });

    expect(tags(document)).toEqual(['', 'stage:x', '']);
  });

  test('several cells, text among them, and foreign tags stay', () => {
    const { document, edits } = edited([
      ['a', 'stage:x', 'mine'],
      '# text',
      ['b', 'stage:x'],
      ['c', 'stage:z']
    ]);

    edits.assign([0, 1, 2], { kind: 'setup' });

    expect(tags(document)).toEqual(['mine setup', '', 'setup', 'stage:z']);
  });

  test('a %%stage line is changed where it stands', () => {
    const { document, edits } = edited([
      '%%stage a --spot\nx = 1',
      '%%stage b'
    ]);

    edits.assign([0], { kind: 'stage', stage: 'new one' });
    edits.assign([1], { kind: 'setup' });

    expect(document.cells.map(cell => cell.getSource())).toEqual([
      '%%stage "new one" --spot\nx = 1',
      ''
    ]);
    expect(tags(document)).toEqual(['', 'setup']);
  });
});

test('a stage is renamed wherever it is named', () => {
  const { document, edits } = edited(
    [['a', 'stage:x'], '%%stage x', ['b', 'stage:y', 'after:x']],
    { zflow: { version: 1, stages: { x: { kind: 'training' } } } }
  );

  edits.renameStage('x', 'z');

  expect(tags(document)).toEqual(
    ['stage:z', '', 'after:z stage:y'].map(sorted)
  );
  expect(document.cells[1].getSource()).toBe('%%stage z');
  expect(edits.settings.stages).toEqual({ z: { kind: 'training' } });
});

test('stages are merged without an order on themselves', () => {
  const { document, edits } = edited([
    ['a', 'stage:x'],
    ['b', 'stage:y', 'after:x']
  ]);

  edits.renameStage('y', 'x');

  expect(tags(document)).toEqual(['stage:x', 'stage:x']);
});

test('a deleted stage leaves no order, no settings, and its cells', () => {
  const { document, edits } = edited(
    [
      ['a', 'stage:x'],
      ['b', 'stage:y', 'after:x'],
      ['c', 'stage:z', 'after:y']
    ],
    { zflow: { version: 1, stages: { y: { timeout: 5 } } } }
  );

  edits.removeStage('y');

  expect(tags(document)).toEqual(['stage:x', '', 'stage:z']);
  expect(document.getMetadata('zflow')).toBeUndefined();
});

test('an order is on the first cell only', () => {
  const { document, edits } = edited([['a', 'stage:x'], ['b', 'stage:y'], 'c']);

  edits.setAfter('y', 'x', true);
  expect(tags(document)).toEqual(['stage:x', 'stage:y after:x', '']);

  edits.setAfter('y', 'x', false);
  expect(tags(document)).toEqual(['stage:x', 'stage:y', '']);
});

describe('undo', () => {
  test('one step takes tags and settings back together', () => {
    const { document, edits } = edited([['a', 'stage:x']], {
      zflow: { version: 1, stages: { x: { timeout: 5 } } }
    });

    edits.renameStage('x', 'y');
    document.undo();

    expect(tags(document)).toEqual(['stage:x']);
    expect(edits.settings.stages).toEqual({ x: { timeout: 5 } });

    document.redo();
    expect(edits.settings.stages).toEqual({ y: { timeout: 5 } });
  });

  test('each edit is a step of its own', () => {
    const { document, edits } = edited(['a', 'b']);

    edits.assign([0], { kind: 'stage', stage: 'x' });
    edits.updateStage('x', () => ({ timeout: 5 }));
    document.undo();

    expect(tags(document)).toEqual(['stage:x', '']);
    expect(edits.settings.stages).toEqual({});
  });

  test('metadata of others is no step', () => {
    const { document } = edited(['a']);

    document.setMetadata('kernelspec', { name: 'ir', display_name: 'R' });

    expect(document.canUndo()).toBe(false);
  });
});

test('two people edit one notebook, and nothing is lost', () => {
  const { document, edits } = edited([
    ['a', 'stage:x'],
    ['b', 'stage:y']
  ]);
  const other = notebook([]);
  const sync = (): void => {
    Y.applyUpdate(other.ydoc, Y.encodeStateAsUpdate(document.ydoc));
    Y.applyUpdate(document.ydoc, Y.encodeStateAsUpdate(other.ydoc));
  };
  sync();
  const others = new StageEdits(other, () => 'title');

  edits.assign([0], { kind: 'stage', stage: 'mine' });
  others.assign([1], { kind: 'stage', stage: 'theirs' });
  sync();

  expect(tags(document)).toEqual(['stage:mine', 'stage:theirs']);
  expect(tags(other)).toEqual(tags(document));

  // What the other one did is not mine to take back.
  document.undo();
  sync();
  expect(tags(other)).toEqual(['stage:x', 'stage:theirs']);
});

function sorted(words: string): string {
  // A role goes behind the tags that stay.
  return words === 'after:z stage:y' ? 'stage:y after:z' : words;
}
