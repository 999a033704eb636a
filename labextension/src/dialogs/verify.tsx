import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

/** What a verification answers, as far as it is shown. */
export interface IVerification {
  readonly equal: boolean;
  readonly status: string;
  readonly variables: readonly {
    readonly name: string;
    readonly stage: string | null;
    readonly equal: boolean;
    readonly detail: string;
  }[];
  readonly first_difference: { readonly reason: string } | null;
}

/**
 * Show which variables the stages computed as the notebook did, and which they did not.
 */
export function verifyDialog(
  found: IVerification,
  trans: TranslationBundle
): Dialog<unknown> {
  const rows = [...found.variables].sort(
    (a, b) => Number(a.equal) - Number(b.equal)
  );
  const body = ReactWidget.create(
    <>
      {found.first_difference && (
        <p className="jp-Zflow-failure">{found.first_difference.reason}</p>
      )}
      <table className="jp-Zflow-table">
        <thead>
          <tr>
            <th scope="col">{trans.__('Variable')}</th>
            <th scope="col">{trans.__('Stage')}</th>
            <th scope="col">{trans.__('Result')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ detail, equal, name, stage }) => (
            <tr key={`${stage} ${name}`} data-equal={equal}>
              <td className="jp-Zflow-code">{name}</td>
              <td>{stage}</td>
              <td>{detail || (equal ? trans.__('equal') : '')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
  body.addClass('jp-Zflow-dialog');
  return new Dialog({
    title: found.equal
      ? trans.__('The stages compute what the notebook computes')
      : trans.__('The stages do not compute what the notebook computes'),
    body,
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
}
