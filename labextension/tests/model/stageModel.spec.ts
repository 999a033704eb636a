import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type * as api from '../../src/api';
import { StageModel } from '../../src/model/stageModel';
import { check, client, questions, settled } from '../answers';
import { notebook, type CellRow } from '../notebooks';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function model(cells: readonly CellRow[] = [['a = 1', 'stage:x']]) {
  const document = notebook(cells);
  const [ask, asked] = questions<api.Check>();
  const made = new StageModel({
    notebook: document,
    host: {
      path: 'folder/title.ipynb',
      save: () => Promise.resolve(),
      reveal: () => Promise.resolve(),
      select: () => Promise.resolve()
    },
    client: client({ check: ask }),
    pause: 60
  });
  return { asked, document, model: made };
}

function sources(request: unknown): string[] {
  const { notebook: content } = request as {
    notebook: { cells: { source: string }[] };
  };
  return content.cells.map(cell => cell.source);
}

async function pause(): Promise<void> {
  await settled();
  await vi.advanceTimersByTimeAsync(60);
}

function names(of: StageModel): string[] | undefined {
  return of.check?.stages.map(({ name }) => name);
}

test('the text of the editor is what is checked, without outputs', async () => {
  const { asked, document, model: made } = model();
  document.cells[0].setSource('b = 2');

  void made.refresh();
  asked[0].resolve(check(['x']));
  await settled();

  expect(sources(asked[0].request)).toEqual(['b = 2']);
  expect([made.state, names(made)]).toEqual(['ready', ['x']]);
});

test('the layout is there at once, before the server is asked', async () => {
  const { asked, document, model: made } = model(['a', 'b']);
  let told = 0;
  made.layoutChanged.connect(() => (told += 1));

  made.edits.assign([1], { kind: 'stage', stage: 'y' });
  await settled();

  expect(made.layout.stages).toEqual(['y']);
  expect([told, asked.length]).toEqual([1, 0]);

  // Text that is no %%stage line changes nothing about the layout.
  document.cells[0].setSource('more');
  await settled();
  expect(told).toBe(1);
});

test('edits in a row make one question, about the last of them', async () => {
  const { asked, document, model: made } = model();
  made.isLive = true;
  asked[0].resolve(check());
  await settled();

  document.cells[0].setSource('second');
  await settled();
  document.cells[0].setSource('third');
  expect(asked.length).toBe(1);
  await pause();

  expect(asked.slice(1).map(({ request }) => sources(request))).toEqual([
    ['third']
  ]);
  expect(made.state).toBe('stale');
});

test('one question is under way at a time; edits meanwhile make one more', async () => {
  const { asked, document, model: made } = model();
  made.isLive = true;
  for (const text of ['second', 'third', 'fourth']) {
    document.cells[0].setSource(text);
    await pause();
  }
  expect(asked.length).toBe(1);

  asked[0].resolve(check(['old']));
  await settled();
  expect([made.state, names(made), asked.length]).toEqual([
    'stale',
    ['old'],
    2
  ]);

  asked[1].resolve(check(['new']));
  await settled();
  expect(sources(asked[1].request)).toEqual(['fourth']);
  expect([made.state, names(made)]).toEqual(['ready', ['new']]);
});

test('a notebook that nobody looks at is not checked', async () => {
  const { asked, document } = model();

  document.cells[0].setSource('second');
  await pause();

  expect(asked.length).toBe(0);
});

test('outputs and counts of a running kernel ask nothing', async () => {
  const { asked, document, model: made } = model();
  made.isLive = true;
  asked[0].resolve(check());
  await settled();

  const [cell] = document.cells;
  if ('setOutputs' in cell) {
    cell.setOutputs([{ output_type: 'stream', name: 'stdout', text: 'x' }]);
    cell.execution_count = 3;
  }
  await pause();

  expect(asked.length).toBe(1);
});

test('a failure is told in the words of the server, and the next answer ends it', async () => {
  const { asked, model: made } = model();
  const first = made.refresh();
  asked[0].reject(new Error('title.ipynb is written in R.'));
  await first;
  expect([made.state, made.failure, made.check]).toEqual([
    'failed',
    'title.ipynb is written in R.',
    null
  ]);

  const second = made.refresh();
  asked[1].resolve(check(['x']));
  await second;
  expect([made.state, made.failure]).toEqual(['ready', '']);
});

test('cells that come later are followed, too', async () => {
  const { document, model: made } = model();
  document.addCell({ cell_type: 'code', source: 'b' });
  await settled();

  document.cells[1].setMetadata('tags', ['stage:y']);
  await settled();

  expect(made.layout.stages).toEqual(['x', 'y']);
});

test('after disposal nothing is asked and nobody is told', async () => {
  const { asked, document, model: made } = model();
  made.isLive = true;
  let told = 0;
  made.changed.connect(() => (told += 1));

  made.dispose();
  document.cells[0].setSource('second');
  asked[0].resolve(check());
  await pause();

  expect([told, asked.length]).toEqual([0, 1]);
});
