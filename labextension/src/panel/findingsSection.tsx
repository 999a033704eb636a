import * as React from 'react';

import type * as api from '../api';
import { askName } from '../dialogs/ask';
import { usePanel, type ISectionProps } from './context';
import { place, severityLabel, sorted } from './findings';
import { fixesOf } from './fixes';
import { Section } from './section';

/**
 * What is wrong, where, what to do, and what can be done at once.
 */
export function FindingsSection({ model }: ISectionProps): React.ReactElement {
  const { trans } = usePanel();
  const findings = model.check?.findings ?? [];
  const note = model.check ? String(findings.length) : '';
  return (
    <Section name="findings" title={trans.__('Findings')} note={note}>
      {model.check && findings.length === 0 && (
        <p className="jp-Zflow-hint">
          {trans.__('Nothing found: this can be exported.')}
        </p>
      )}
      <ul className="jp-Zflow-list">
        {sorted(findings).map((finding, index) => (
          <Finding key={index} finding={finding} model={model} />
        ))}
      </ul>
    </Section>
  );
}

function Finding(
  props: ISectionProps & { finding: api.Finding }
): React.ReactElement {
  const { finding, model } = props;
  const { trans } = usePanel();
  const { cell, line } = finding;
  const fixes = fixesOf(
    finding,
    model,
    stage => askName(stage, model, trans),
    trans
  );
  return (
    <li className="jp-Zflow-finding" data-severity={finding.severity}>
      <button
        type="button"
        className="jp-Zflow-item"
        disabled={cell === null}
        title={cell === null ? undefined : trans.__('Go to the cell')}
        onClick={() => cell !== null && void model.reveal(cell, line)}
      >
        <span className="jp-Zflow-itemTitle">
          {severityLabel(finding.severity, trans)} {finding.code}
        </span>
        <span className="jp-Zflow-where">{place(finding, trans)}</span>
        <span className="jp-Zflow-text">{finding.message}</span>
        {finding.remedy && (
          <span className="jp-Zflow-remedy">{finding.remedy}</span>
        )}
      </button>
      {fixes.length > 0 && (
        <div className="jp-Zflow-fixes">
          {fixes.map(fix => (
            <button
              key={fix.label}
              type="button"
              className="jp-Zflow-fix"
              onClick={() => void fix.apply()}
            >
              {fix.label}
            </button>
          ))}
        </div>
      )}
    </li>
  );
}
