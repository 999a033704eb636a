import type { TranslationBundle } from '@jupyterlab/translation';

import type * as api from '../api';

const RANK: Record<api.Finding['severity'], number> = {
  error: 0,
  warning: 1,
  info: 2
};

/**
 * Order findings by severity, then by their place in the notebook.
 */
export function sorted(findings: readonly api.Finding[]): api.Finding[] {
  return [...findings].sort(
    (a, b) =>
      RANK[a.severity] - RANK[b.severity] ||
      (a.cell ?? -1) - (b.cell ?? -1) ||
      (a.line ?? 0) - (b.line ?? 0)
  );
}

/**
 * Say where a finding is, in the numbers that people count with.
 */
export function place(
  finding: Pick<api.Finding, 'cell' | 'line'>,
  trans: TranslationBundle
): string {
  if (finding.cell === null) {
    return '';
  }
  return finding.line === null
    ? trans.__('cell %1', finding.cell + 1)
    : trans.__('cell %1, line %2', finding.cell + 1, finding.line);
}

/**
 * Say a severity in the reader's language.
 */
export function severityLabel(
  severity: api.Finding['severity'],
  trans: TranslationBundle
): string {
  switch (severity) {
    case 'error':
      return trans.__('Error');
    case 'warning':
      return trans.__('Warning');
    case 'info':
      return trans.__('Note');
  }
}
