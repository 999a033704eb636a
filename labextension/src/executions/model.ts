import type { Event } from '@jupyterlab/services';
import { Signal, type ISignal } from '@lumino/signaling';
import type { IDisposable } from '@lumino/disposable';

import type * as api from '../api';
import { reason, type IClient } from '../client';
import type { IExecutions } from '../tokens';

const SCHEMA = 'https://schema.jupyter-zflow.org/execution/v1';

/**
 * Follows executions: events say which one moved, the server says how it stands.
 *
 * Where events do not arrive (some proxies hold WebSockets back), it asks from time to time.
 */
export class Executions implements IExecutions, IDisposable {
  constructor(options: Executions.IOptions) {
    this._client = options.client;
    this._pause = options.pause ?? 200;
    this._poll = options.poll ?? 3000;
    options.events?.connect(this._onEvent, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get list(): readonly api.Execution[] {
    return this._list;
  }

  get failure(): string {
    return this._failure;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  latest(path: string): api.Execution | null {
    return (
      this._list.find(
        execution => execution.path === path && this._own.has(execution.id)
      ) ?? null
    );
  }

  async refresh(): Promise<void> {
    try {
      this._list = await this._client.executions();
      this._failure = '';
    } catch (error) {
      this._failure = reason(error);
    }
    this._emit();
  }

  async start(request: api.ExecutionRequest): Promise<api.Execution> {
    const execution = await this._client.start(request);
    this._put(execution);
    return execution;
  }

  async stop(id: string): Promise<void> {
    this._put(await this._client.stop(id));
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._timers.forEach(timer => window.clearTimeout(timer));
    this._timers.clear();
    Signal.clearData(this);
  }

  private _onEvent(_: unknown, emission: Event.Emission): void {
    if (emission.schema_id !== SCHEMA) {
      return;
    }
    this._askSoon(String(emission.execution), this._pause);
  }

  private _askSoon(id: string, pause: number): void {
    if (this._isDisposed || this._asked.has(id)) {
      return;
    }
    this._asked.add(id);
    window.clearTimeout(this._timers.get(id));
    this._timers.set(
      id,
      window.setTimeout(() => void this._ask(id), pause)
    );
  }

  private async _ask(id: string): Promise<void> {
    this._asked.delete(id);
    try {
      this._put(await this._client.execution(id));
    } catch {
      // Gone, or not readable yet: the next event or poll asks again.
    }
  }

  private _put(execution: api.Execution): void {
    if (this._isDisposed) {
      return;
    }
    this._own.add(execution.id);
    const rest = this._list.filter(({ id }) => id !== execution.id);
    this._list = [execution, ...rest].sort((a, b) =>
      (b.started ?? '').localeCompare(a.started ?? '')
    );
    if (execution.status === 'RUNNING' && !this._asked.has(execution.id)) {
      window.clearTimeout(this._timers.get(execution.id));
      this._timers.set(
        execution.id,
        window.setTimeout(() => void this._ask(execution.id), this._poll)
      );
    }
    this._emit();
  }

  private _emit(): void {
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  private readonly _client: IClient;
  private readonly _pause: number;
  private readonly _poll: number;
  private readonly _changed = new Signal<this, void>(this);
  /** Those that moved while this page was open. */
  private readonly _own = new Set<string>();
  private readonly _asked = new Set<string>();
  private readonly _timers = new Map<string, number>();
  private _list: readonly api.Execution[] = [];
  private _failure = '';
  private _isDisposed = false;
}

/**
 * A namespace for statics of the executions.
 */
export namespace Executions {
  export interface IOptions {
    client: IClient;
    /** Jupyter's events. */
    events?: ISignal<unknown, Event.Emission>;
    /** Milliseconds in which several events are answered by one question. */
    pause?: number;
    /** Milliseconds after which a running execution is asked for without an event. */
    poll?: number;
  }
}
