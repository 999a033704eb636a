import { Signal } from '@lumino/signaling';
import type { Event } from '@jupyterlab/services';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type * as api from '../../src/api';
import { Executions } from '../../src/executions/model';
import { client, execution, settled } from '../answers';

const SCHEMA = 'https://schema.jupyter-zflow.org/execution/v1';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function followed(answers: api.Execution[]) {
  const asked: string[] = [];
  const events = new Signal<object, Event.Emission>({});
  const model = new Executions({
    events,
    client: client({
      execution: id => {
        asked.push(id);
        const [answer] = answers.length > 1 ? answers.splice(0, 1) : answers;
        return Promise.resolve(answer);
      },
      start: () => Promise.resolve(execution()),
      executions: () => Promise.resolve([execution({ id: 'old' })])
    })
  });
  const emit = (over: object): void =>
    events.emit({ schema_id: SCHEMA, execution: 'one', ...over } as never);
  return { asked, emit, model };
}

test('events close together are answered by one question', async () => {
  const done = execution({ status: 'SUCCEEDED' });
  const { asked, emit, model } = followed([done]);

  emit({ event: 'cell' });
  emit({ event: 'cell' });
  emit({ schema_id: 'of somebody else', execution: 'two' });
  await vi.advanceTimersByTimeAsync(200);

  expect([asked, model.list]).toEqual([['one'], [done]]);
});

test('without events a running execution is asked for until it ends', async () => {
  const { asked, model } = followed([
    execution(),
    execution({ status: 'FAILED' })
  ]);

  await model.start({ path: 'title.ipynb' });
  await vi.advanceTimersByTimeAsync(60_000);

  expect(asked).toEqual(['one', 'one']);
  expect(model.latest('title.ipynb')?.status).toBe('FAILED');
});

test('cells are marked by executions of this session only', async () => {
  const { model } = followed([]);

  await model.refresh();

  expect([model.list.length, model.latest('title.ipynb')]).toEqual([1, null]);
});

test('a list that cannot be had says why', async () => {
  const model = new Executions({
    client: client({
      executions: () => Promise.reject(new Error('403 Forbidden'))
    })
  });

  await model.refresh();
  await settled();

  expect(model.failure).toBe('403 Forbidden');
});
