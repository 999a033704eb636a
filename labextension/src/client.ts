import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type * as api from './api';

/**
 * A refusal, in the server's words.
 */
export class RefusedError extends Error {
  constructor(readonly details: api.Error) {
    super(
      details.remedy && !details.message.includes(details.remedy)
        ? `${details.message} ${details.remedy}`
        : details.message
    );
    this.name = details.reason ?? 'RefusedError';
  }
}

/**
 * The server extension's routes, as functions; `openapi.yaml` describes them.
 */
export interface IClient {
  status(): Promise<api.Status>;
  check(request: api.CheckRequest): Promise<api.Check>;
  suggest(request: api.SuggestRequest): Promise<api.Suggestion>;
  schemas(): Promise<api.Schemas>;
  instances(): Promise<api.Instances>;
  export(request: api.ExportRequest): Promise<api.Export>;
  verify(request: api.VerifyRequest): Promise<api.Job>;
  job(id: string): Promise<api.Job>;
  executions(): Promise<readonly api.Execution[]>;
  execution(id: string): Promise<api.Execution>;
  start(request: api.ExecutionRequest): Promise<api.Execution>;
  stop(id: string): Promise<api.Execution>;
  log(id: string, stage: string | null, offset: number): Promise<api.Log>;
  artifacts(id: string): Promise<readonly api.Artifact[]>;
  artifact(id: string, stage: string, name: string): Promise<api.Artifact>;
  debug(id: string, stage: string): Promise<api.DebugNotebook>;
}

/**
 * Talks to the routes below `/zflow/` of the Jupyter server.
 */
export class Client implements IClient {
  constructor(options: Client.IOptions = {}) {
    this._settings = options.settings ?? ServerConnection.makeSettings();
  }

  status(): Promise<api.Status> {
    return (this._status ??= this._ask('GET', 'status'));
  }

  check(request: api.CheckRequest): Promise<api.Check> {
    return this._ask('POST', 'check', request);
  }

  suggest(request: api.SuggestRequest): Promise<api.Suggestion> {
    return this._ask('POST', 'suggest', request);
  }

  schemas(): Promise<api.Schemas> {
    return (this._schemas ??= this._ask('GET', 'schemas'));
  }

  instances(): Promise<api.Instances> {
    return (this._instances ??= this._ask('GET', 'instances'));
  }

  export(request: api.ExportRequest): Promise<api.Export> {
    return this._ask('POST', 'export', request);
  }

  verify(request: api.VerifyRequest): Promise<api.Job> {
    return this._ask('POST', 'verify', request);
  }

  job(id: string): Promise<api.Job> {
    return this._ask('GET', `jobs/${encodeURIComponent(id)}`);
  }

  async executions(): Promise<readonly api.Execution[]> {
    const { executions } = await this._ask<{ executions: api.Execution[] }>(
      'GET',
      'executions'
    );
    return executions;
  }

  execution(id: string): Promise<api.Execution> {
    return this._ask('GET', executionUrl(id));
  }

  start(request: api.ExecutionRequest): Promise<api.Execution> {
    return this._ask('POST', 'executions', request);
  }

  stop(id: string): Promise<api.Execution> {
    return this._ask('POST', `${executionUrl(id)}/stop`, {});
  }

  log(id: string, stage: string | null, offset: number): Promise<api.Log> {
    const query = {
      offset: String(offset),
      ...(stage === null ? {} : { stage })
    };
    return this._ask(
      'GET',
      executionUrl(id) + '/logs' + URLExt.objectToQueryString(query)
    );
  }

  async artifacts(id: string): Promise<readonly api.Artifact[]> {
    const { artifacts } = await this._ask<{ artifacts: api.Artifact[] }>(
      'GET',
      `${executionUrl(id)}/artifacts`
    );
    return artifacts;
  }

  async artifact(
    id: string,
    stage: string,
    name: string
  ): Promise<api.Artifact> {
    const query = URLExt.objectToQueryString({ stage, name });
    const { artifacts } = await this._ask<{ artifacts: api.Artifact[] }>(
      'GET',
      `${executionUrl(id)}/artifacts${query}`
    );
    return artifacts[0];
  }

  debug(id: string, stage: string): Promise<api.DebugNotebook> {
    const query = URLExt.objectToQueryString({ stage });
    return this._ask('POST', `${executionUrl(id)}/debug${query}`, {});
  }

  private async _ask<T>(
    method: 'GET' | 'POST',
    resource: string,
    body?: unknown
  ): Promise<T> {
    const url = URLExt.join(this._settings.baseUrl, 'zflow', resource);
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await ServerConnection.makeRequest(
      url,
      { method, ...init },
      this._settings
    );
    if (!response.ok) {
      throw await refusal(response);
    }
    return response.json();
  }

  private readonly _settings: ServerConnection.ISettings;
  private _status: Promise<api.Status> | null = null;
  private _schemas: Promise<api.Schemas> | null = null;
  private _instances: Promise<api.Instances> | null = null;
}

/**
 * A namespace for client statics.
 */
export namespace Client {
  export interface IOptions {
    settings?: ServerConnection.ISettings;
  }
}

/**
 * Say what went wrong, whatever was thrown.
 */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function executionUrl(id: string): string {
  return `executions/${encodeURIComponent(id)}`;
}

async function refusal(response: Response): Promise<Error> {
  const text = await response.text();
  try {
    const details = JSON.parse(text) as api.Error;
    if (typeof details.message === 'string') {
      return new RefusedError(details);
    }
  } catch {
    // Not ours: a proxy's page, perhaps.
  }
  return new Error(`${response.status} ${response.statusText}`);
}
