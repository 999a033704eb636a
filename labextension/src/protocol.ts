/**
 * The JSON that the server extension answers, the same as `jupyter zflow VERB --json`.
 */

export type Severity = 'error' | 'warning' | 'info';

/**
 * One diagnostic. `cell` counts from 0, as in the notebook file; `line` from 1.
 */
export interface IFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly remedy: string;
  readonly cell: number | null;
  readonly line: number | null;
}

/**
 * A stage and what enters and leaves its process.
 */
export interface IStage {
  readonly name: string;
  readonly cells: readonly number[];
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Those of `writes` that later stages read. */
  readonly saves: readonly string[];
  readonly after: readonly string[];
  /** What runs it; missing as long as errors keep it from being known. */
  readonly kind?: string;
  readonly compute?: ICompute;
}

/**
 * What a stage asks for; which fields there are depends on the backend.
 */
export interface ICompute {
  readonly backend: string;
  readonly instance_type?: string;
  readonly queue?: string;
}

/**
 * The answer of `POST /zflow/check`.
 */
export interface ICheck {
  readonly stages: readonly IStage[];
  readonly findings: readonly IFinding[];
}

/**
 * The answer of `POST /zflow/export`; paths are contents paths.
 */
export interface IExport {
  readonly folder: string;
  readonly files: readonly string[];
  readonly findings: readonly IFinding[];
}

/**
 * Say where a finding is, in the numbers that people count with.
 */
export function place(finding: IFinding): string {
  if (finding.cell === null) {
    return '';
  }
  const cell = `cell ${finding.cell + 1}`;
  return finding.line === null ? cell : `${cell}, line ${finding.line}`;
}

/**
 * Say in a few words what runs a stage, and where.
 */
export function asks(stage: IStage): string {
  if (!stage.kind || !stage.compute) {
    return '';
  }
  const { backend, instance_type, queue } = stage.compute;
  return `${stage.kind} on ${instance_type ?? queue ?? backend}`;
}

const RANK: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

/**
 * Order findings by severity, then by their place in the notebook.
 */
export function sorted(findings: readonly IFinding[]): IFinding[] {
  return [...findings].sort(
    (a, b) =>
      RANK[a.severity] - RANK[b.severity] ||
      (a.cell ?? -1) - (b.cell ?? -1) ||
      (a.line ?? 0) - (b.line ?? 0)
  );
}
