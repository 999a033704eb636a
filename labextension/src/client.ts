import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { ICheck, IExport } from './protocol';

/**
 * The server extension's routes, as functions.
 */
export interface IClient {
  check(notebook: unknown, path: string): Promise<ICheck>;
  export(path: string): Promise<IExport>;
}

/**
 * Talks to the routes below `/zflow/` of the Jupyter server.
 */
export class Client implements IClient {
  constructor(options: Client.IOptions = {}) {
    this._settings = options.settings ?? ServerConnection.makeSettings();
  }

  /**
   * Analyse a notebook as it is in the editor, saved or not.
   */
  check(notebook: unknown, path: string): Promise<ICheck> {
    return this._post<ICheck>('check', { notebook, path });
  }

  /**
   * Write the pipeline folder of a saved notebook beside it.
   */
  export(path: string): Promise<IExport> {
    return this._post<IExport>('export', { path });
  }

  private async _post<T>(resource: string, body: unknown): Promise<T> {
    const url = URLExt.join(this._settings.baseUrl, 'zflow', resource);
    const init = { method: 'POST', body: JSON.stringify(body) };
    const response = await ServerConnection.makeRequest(
      url,
      init,
      this._settings
    );
    if (!response.ok) {
      // The server puts what is wrong and the remedy into the message.
      throw await ServerConnection.ResponseError.create(response);
    }
    return response.json();
  }

  private readonly _settings: ServerConnection.ISettings;
}

/**
 * A namespace for client statics.
 */
export namespace Client {
  export interface IOptions {
    settings?: ServerConnection.ISettings;
  }
}
