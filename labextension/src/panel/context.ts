import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { IClient } from '../client';
import type { IExecutions, IStageModel } from '../tokens';

/**
 * What every section of the panel needs.
 */
export interface IPanelContext {
  readonly client: IClient;
  readonly commands: CommandRegistry;
  readonly executions: IExecutions;
  readonly translator: ITranslator;
  readonly trans: TranslationBundle;
}

export const PanelContext = React.createContext<IPanelContext | null>(null);

/**
 * The context; it is there wherever the panel is.
 */
export function usePanel(): IPanelContext {
  const context = React.useContext(PanelContext);
  if (!context) {
    throw new Error('A section of the panel is used outside of it.');
  }
  return context;
}

/** What a section is about. */
export interface ISectionProps {
  readonly model: IStageModel;
}
