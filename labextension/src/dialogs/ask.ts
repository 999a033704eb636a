import { InputDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IStageModel } from '../tokens';

/**
 * Ask what a stage is to be called; null when the author thought better of it.
 *
 * The name of another stage is an answer, too: the two become one.
 */
export async function askName(
  stage: string | null,
  model: IStageModel,
  trans: TranslationBundle
): Promise<string | null> {
  const { value } = await InputDialog.getText({
    title:
      stage === null ? trans.__('New stage') : trans.__('Rename %1', stage),
    label: trans.__('Name of the stage'),
    text: stage ?? freeName(model.layout.stages),
    okLabel: stage === null ? trans.__('Create') : trans.__('Rename')
  });
  const name = value?.trim() ?? '';
  return name === '' || name === stage ? null : name;
}

function freeName(stages: readonly string[]): string {
  let number = stages.length + 1;
  while (stages.includes(`stage ${number}`)) {
    number += 1;
  }
  return `stage ${number}`;
}
