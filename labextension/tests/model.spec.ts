import { Signal } from '@lumino/signaling';
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { IClient } from '../src/client';
import { PipelineModel, type INotebookSource } from '../src/panel/model';
import type { ICheck } from '../src/protocol';

/** A notebook without JupyterLab. */
class FakeNotebook implements INotebookSource {
  constructor(readonly path: string) {}

  get changed(): Signal<this, void> {
    return this._changed;
  }

  edit(text: string): void {
    this.text = text;
    this._changed.emit();
  }

  content(): string {
    return this.text;
  }

  async save(): Promise<void> {
    this.saved.push(this.text);
  }

  async reveal(cell: number): Promise<void> {
    this.revealed.push(cell);
  }

  text = 'first';
  readonly saved: string[] = [];
  readonly revealed: number[] = [];
  private readonly _changed = new Signal<this, void>(this);
}

/** A server that answers when the test says so. */
class FakeClient implements IClient {
  check(notebook: unknown): Promise<ICheck> {
    return new Promise((resolve, reject) =>
      this.questions.push({ text: String(notebook), resolve, reject })
    );
  }

  async export(path: string) {
    this.exported.push(path);
    return { folder: 'out', files: [], findings: [] };
  }

  readonly questions: {
    text: string;
    resolve: (answer: ICheck) => void;
    reject: (error: Error) => void;
  }[] = [];
  readonly exported: string[] = [];
}

function answer(...names: string[]): ICheck {
  const rest = { cells: [0], reads: [], writes: [], saves: [], after: [] };
  return { stages: names.map(name => ({ name, ...rest })), findings: [] };
}

function names(model: PipelineModel): string[] | undefined {
  return model.check?.stages.map(stage => stage.name);
}

test('without a notebook nothing is asked', async () => {
  const client = new FakeClient();
  const model = new PipelineModel({ client });

  await model.refresh();

  assert.equal(model.state, 'empty');
  assert.equal(client.questions.length, 0);
});

test('the content of the editor is what is checked', async () => {
  const client = new FakeClient();
  const model = new PipelineModel({ client });

  const followed = model.follow(new FakeNotebook('a.ipynb'));
  client.questions[0].resolve(answer('prepare'));
  await followed;

  assert.equal(client.questions[0].text, 'first');
  assert.deepEqual([model.state, names(model)], ['ready', ['prepare']]);
});

test('edits are gathered into one question', async () => {
  const client = new FakeClient();
  const model = new PipelineModel({ client, pause: 1 });
  const notebook = new FakeNotebook('a.ipynb');
  void model.follow(notebook);

  notebook.edit('second');
  notebook.edit('third');
  assert.equal(model.state, 'stale');
  await new Promise(resolve => setTimeout(resolve, 50));

  assert.deepEqual(
    client.questions.map(question => question.text),
    ['first', 'third']
  );
});

test('an answer that comes late does not replace a newer one', async () => {
  const client = new FakeClient();
  const model = new PipelineModel({ client });
  const first = model.follow(new FakeNotebook('a.ipynb'));
  const second = model.refresh();

  client.questions[1].resolve(answer('new'));
  await second;
  client.questions[0].resolve(answer('old'));
  await first;

  assert.deepEqual(names(model), ['new']);
});

test('the answer about one notebook is not shown for the next', async () => {
  const client = new FakeClient();
  const model = new PipelineModel({ client });
  const first = model.follow(new FakeNotebook('a.ipynb'));
  const none = model.follow(null);

  client.questions[0].resolve(answer('old'));
  await Promise.all([first, none]);

  assert.deepEqual([model.state, model.check, model.path], ['empty', null, '']);
});

test('a refusal is shown in the words of the server', async () => {
  const client = new FakeClient();
  const model = new PipelineModel({ client });

  const followed = model.follow(new FakeNotebook('a.ipynb'));
  client.questions[0].reject(new Error('a.ipynb is written in R.'));
  await followed;

  assert.deepEqual(
    [model.state, model.failure, model.check],
    ['failed', 'a.ipynb is written in R.', null]
  );
});

test('an export saves first', async () => {
  const client = new FakeClient();
  const model = new PipelineModel({ client });
  const notebook = new FakeNotebook('a.ipynb');
  void model.follow(notebook);

  const { folder } = await model.export();

  assert.deepEqual(
    [notebook.saved, client.exported, folder],
    [['first'], ['a.ipynb'], 'out']
  );
});

test('after disposal nothing is asked and nobody is told', async () => {
  const client = new FakeClient();
  const model = new PipelineModel({ client, pause: 1 });
  const notebook = new FakeNotebook('a.ipynb');
  void model.follow(notebook);
  let told = 0;
  model.changed.connect(() => (told += 1));

  model.dispose();
  notebook.edit('second');
  client.questions[0].resolve(answer('late'));
  await new Promise(resolve => setTimeout(resolve, 20));

  assert.deepEqual([told, client.questions.length], [0, 1]);
});
