import type * as api from '../src/api';
import type { IClient } from '../src/client';

/** What a check answers about a notebook with these stages. */
export function check(
  stages: readonly string[] = [],
  over: Partial<api.Check> = {}
): api.Check {
  return {
    pipeline: 'title',
    refused: false,
    findings: [],
    stages: stages.map(name => ({
      name,
      cells: [],
      replays: [],
      reads: [],
      writes: [],
      saves: [],
      after: [],
      settings: {}
    })),
    edges: [],
    links: [],
    parameters: [],
    parameters_cell: null,
    settings: {},
    size: { definition: null, limit: 1_048_576 },
    export: null,
    generation: null,
    seconds: 0,
    ...over
  };
}

export function finding(over: Partial<api.Finding> = {}): api.Finding {
  return {
    code: 'ZF101',
    severity: 'error',
    message: '',
    remedy: '',
    cell: null,
    line: null,
    ...over
  };
}

export function run(over: Partial<api.StageRun> = {}): api.StageRun {
  return {
    name: 'a',
    status: 'RUNNING',
    attempt: 0,
    cell: null,
    of: null,
    source_cell: null,
    started: null,
    ended: null,
    seconds: null,
    error: null,
    outputs: {},
    metrics: {},
    notebook: null,
    ...over
  };
}

export function execution(over: Partial<api.Execution> = {}): api.Execution {
  return {
    id: 'one',
    place: 'local',
    pipeline: 'title',
    path: 'title.ipynb',
    folder: null,
    status: 'RUNNING',
    parameters: {},
    from: null,
    only: null,
    started: '2026-01-01T00:00:00Z',
    ended: null,
    seconds: null,
    error: null,
    stages: [],
    ...over
  };
}

/** A question that is answered when the test says so. */
export interface IQuestion<T> {
  readonly request: unknown;
  resolve(answer: T): void;
  reject(error: Error): void;
}

/** A server of which only what a test sets is there. */
export function client(over: Partial<IClient>): IClient {
  return over as IClient;
}

/** Collect questions instead of answering them. */
export function questions<T>(): [
  ask: (request?: unknown) => Promise<T>,
  asked: IQuestion<T>[]
] {
  const asked: IQuestion<T>[] = [];
  const ask = (request?: unknown): Promise<T> =>
    new Promise((resolve, reject) => asked.push({ request, resolve, reject }));
  return [ask, asked];
}

/** Let everything that is settled take effect. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) {
    await Promise.resolve();
  }
}
