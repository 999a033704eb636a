import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IPanelContext } from '../panel/context';
import { ExecutionsBody } from './view';

/**
 * The main-area view of executions; knows which one is chosen.
 */
export class ExecutionsView extends ReactWidget {
  constructor(context: IPanelContext) {
    super();
    this._context = context;
    this.addClass('jp-Zflow');
  }

  /**
   * Show one execution.
   */
  choose(id: string | null): void {
    this._chosen = id;
    this.update();
  }

  protected render(): React.ReactElement {
    return (
      <ExecutionsBody
        {...this._context}
        chosen={this._chosen}
        onChoose={id => this.choose(id)}
      />
    );
  }

  private readonly _context: IPanelContext;
  private _chosen: string | null = null;
}
