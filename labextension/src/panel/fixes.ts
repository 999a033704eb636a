import type { TranslationBundle } from '@jupyterlab/translation';

import type * as api from '../api';
import { cellsOf } from '../notebook/layout';
import type { IStageModel } from '../tokens';

/**
 * A change of tags or settings that may settle a finding; the next check is the judge.
 */
export interface IFix {
  readonly label: string;
  apply(): void | Promise<void>;
}

/** Asks for a new name of a stage; null when the author thought better of it. */
export type AskName = (stage: string) => Promise<string | null>;

/** Findings that go away when the stages run together. */
const TOGETHER = ['ZF203', 'ZF204', 'ZF205', 'ZF206', 'ZF223', 'ZF226'];

/** Findings about a cell that need not be in the pipeline at all. */
const LEFT_OUT = ['ZF207', 'ZF213', 'ZF221'];

/**
 * The quick fixes of a finding.
 */
export function fixesOf(
  finding: api.Finding,
  model: IStageModel,
  ask: AskName,
  trans: TranslationBundle
): IFix[] {
  return [
    ...tagFixes(finding, model, trans),
    ...stageFixes(finding, model, ask, trans),
    ...cellFixes(finding, model, trans)
  ];
}

function tagFixes(
  finding: api.Finding,
  model: IStageModel,
  trans: TranslationBundle
): IFix[] {
  const { cell, code } = finding;
  const { edits } = model;
  const fixes: IFix[] = [];
  if (cell === null) {
    const name = /'([^']+)'/.exec(finding.message)?.[1];
    if (code === 'ZF111' && name && name in edits.settings.stages) {
      fixes.push({
        label: trans.__('Remove the settings'),
        apply: () => edits.updateStage(name, () => ({}))
      });
    }
    return fixes;
  }
  const wrong = /the tag '([^']+)'/.exec(finding.message)?.[1];
  const right = /Write '([^']+)'/.exec(finding.remedy)?.[1];
  if (code === 'ZF112' && wrong && right) {
    fixes.push({
      label: trans.__('Write %1', right),
      apply: () => edits.replaceTag(cell, wrong, right)
    });
  }
  const order = /`(after:[^`]+)`/.exec(finding.message)?.[1];
  if (order && (code === 'ZF105' || code === 'ZF107')) {
    const meant = /Did you mean '([^']+)'/.exec(finding.remedy)?.[1];
    if (meant) {
      fixes.push({
        label: trans.__('Write %1', `after:${meant}`),
        apply: () => edits.replaceTag(cell, order, `after:${meant}`)
      });
    }
    fixes.push({
      label: trans.__('Remove the order'),
      apply: () => edits.replaceTag(cell, order, null)
    });
  }
  return fixes;
}

function stageFixes(
  finding: api.Finding,
  model: IStageModel,
  ask: AskName,
  trans: TranslationBundle
): IFix[] {
  const { edits } = model;
  const fixes: IFix[] = [];
  if (TOGETHER.includes(finding.code)) {
    const [first, second] = stagesOf(finding, model);
    if (first !== undefined && second !== undefined) {
      fixes.push({
        label: trans.__('Merge %1 and %2', first, second),
        apply: () => edits.renameStage(second, first)
      });
    }
  }
  const split = /Split stage '([^']+)' (?:at this|before) cell(?: (\d+))?/.exec(
    finding.remedy
  );
  if (finding.code === 'ZF204' && split) {
    const [, name, number] = split;
    const from = number ? Number(number) - 1 : finding.cell;
    fixes.push({
      label: trans.__('Split %1…', name),
      apply: async () => {
        const rest = cellsOf(model.layout, name).filter(
          cell => from !== null && cell >= from
        );
        const stage = await ask(name);
        if (stage) {
          edits.assign(rest, { kind: 'stage', stage });
        }
      }
    });
  }
  const [stage] = stagesOf(finding, model);
  if (['ZF103', 'ZF104', 'ZF222'].includes(finding.code) && stage) {
    fixes.push({
      label: trans.__('Rename %1…', stage),
      apply: async () => {
        const name = await ask(stage);
        if (name) {
          edits.renameStage(stage, name);
        }
      }
    });
  }
  return fixes;
}

function cellFixes(
  finding: api.Finding,
  model: IStageModel,
  trans: TranslationBundle
): IFix[] {
  const { cell, code } = finding;
  const part = cell === null ? null : model.layout.parts[cell];
  if (cell === null || !part) {
    return [];
  }
  const fixes: IFix[] = [];
  const { edits } = model;
  const made = code === 'ZF203' ? whereMade(finding, model) : null;
  if (made !== null) {
    fixes.push({
      label: trans.__('Add cell %1 to setup', made + 1),
      apply: () => edits.assign([made], { kind: 'setup' })
    });
  }
  if (code === 'ZF101' || code === 'ZF102') {
    const stages = stagesOf(finding, model);
    for (const stage of stages) {
      fixes.push({
        label: trans.__('Only %1', stage),
        apply: () => edits.assign([cell], { kind: 'stage', stage })
      });
    }
    if (part.kind !== 'stage') {
      fixes.push({
        label: trans.__('Only %1', part.kind),
        apply: () => edits.assign([cell], { kind: part.kind })
      });
    }
  }
  if (LEFT_OUT.includes(code) && part.kind !== 'skip') {
    fixes.push({
      label: trans.__('Skip the cell'),
      apply: () => edits.assign([cell], { kind: 'skip' })
    });
  }
  return fixes;
}

/**
 * The cell that binds the value of which a finding says that it cannot leave its process.
 */
function whereMade(finding: api.Finding, model: IStageModel): number | null {
  const [, stage, name] =
    /^Stage '([^']+)' uses '([^']+)'/.exec(finding.message) ?? [];
  const edge = model.check?.edges.find(
    ({ consumer, name: carried }) => consumer === stage && carried === name
  );
  return edge?.written?.cell ?? null;
}

/**
 * The stages that a finding is about: those that its text names, and that of its cell.
 */
export function stagesOf(finding: api.Finding, model: IStageModel): string[] {
  const { stages, parts } = model.layout;
  const names = [
    ...`${finding.message} ${finding.remedy}`.matchAll(/'([^']+)'/g)
  ]
    .map(match => match[1])
    .filter(name => stages.includes(name));
  const own = finding.cell === null ? null : parts[finding.cell]?.stage;
  return [...new Set(own ? [...names, own] : names)].sort(
    (a, b) => stages.indexOf(a) - stages.indexOf(b)
  );
}
