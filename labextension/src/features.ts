import { Signal, type ISignal } from '@lumino/signaling';

import type * as api from './api';
import type { IClient } from './client';

/**
 * Which features this server has; until it answered, and where it does not, all of them.
 *
 * It only keeps away what would be refused: the server refuses by itself.
 */
export class Features {
  constructor(client: IClient) {
    void this._ask(client);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  has(feature: api.Feature): boolean {
    return !this._hidden.has(feature);
  }

  private async _ask(client: IClient): Promise<void> {
    try {
      const { hidden } = await client.status();
      this._hidden = new Set(hidden);
    } catch {
      return;
    }
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _hidden: ReadonlySet<api.Feature> = new Set();
}
