import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

/** Something that was compared. */
interface IRow {
  readonly stage: string | null;
  readonly equal: boolean;
  /** Whether it makes the runs unequal; chance does not. */
  readonly counts: boolean;
  readonly detail: string;
}

/** What a verification answers, as far as it is shown. */
export interface IVerification {
  readonly verdict: 'equal' | 'not equal' | 'not decided';
  /** Why a run did not come to its end. */
  readonly failure: string | null;
  readonly variables: readonly (IRow & { readonly name: string })[];
  readonly not_compared: readonly {
    readonly name: string;
    readonly stage: string | null;
    readonly detail: string;
  }[];
  /** Cells from 0. */
  readonly outputs: readonly (IRow & { readonly cell: number })[];
  readonly first_difference: { readonly reason: string } | null;
  readonly notes: readonly string[];
}

/**
 * Say in a sentence what a verification found.
 */
export function verdictOf(
  { verdict }: IVerification,
  trans: TranslationBundle
): string {
  switch (verdict) {
    case 'equal':
      return trans.__('The stages compute what the notebook computes');
    case 'not equal':
      return trans.__('The stages do not compute what the notebook computes');
    case 'not decided':
      return trans.__('The notebook itself does not run to its end');
  }
}

/**
 * Show what the stages computed as the notebook did, and what they did not.
 */
export function verifyDialog(
  found: IVerification,
  trans: TranslationBundle
): Dialog<unknown> {
  const body = ReactWidget.create(<Comparison found={found} trans={trans} />);
  body.addClass('jp-Zflow-dialog');
  return new Dialog({
    title: verdictOf(found, trans),
    body,
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
}

function Comparison(props: {
  found: IVerification;
  trans: TranslationBundle;
}): React.ReactElement {
  const { found, trans } = props;
  const rows = [
    ...found.variables,
    ...found.outputs.map(({ cell, ...row }) => ({
      ...row,
      name: trans.__('output of cell %1', cell + 1)
    })),
    ...found.not_compared.map(({ detail, ...row }) => ({
      ...row,
      equal: false,
      counts: false,
      detail: trans.__('not compared: %1', detail)
    }))
  ].sort((a, b) => rank(a) - rank(b));
  const texts = [found.failure, found.first_difference?.reason];
  return (
    <>
      {texts.map(
        text =>
          text && (
            <p key={text} className="jp-Zflow-failure jp-Zflow-wrap">
              {text}
            </p>
          )
      )}
      {found.notes.map(note => (
        <p key={note} className="jp-Zflow-hint">
          {note}
        </p>
      ))}
      <table className="jp-Zflow-table jp-Zflow-comparison">
        <thead>
          <tr>
            <th scope="col">{trans.__('Variable')}</th>
            <th scope="col">{trans.__('Stage')}</th>
            <th scope="col">{trans.__('Result')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ counts, detail, equal, name, stage }, index) => (
            <tr key={index} data-equal={counts ? false : equal || undefined}>
              <td className="jp-Zflow-code">{name}</td>
              <td>{stage}</td>
              <td>{detail || (equal ? trans.__('equal') : '')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** What differs first, then what says nothing, then what is equal. */
function rank({ counts, equal }: Pick<IRow, 'counts' | 'equal'>): number {
  return counts ? 0 : equal ? 2 : 1;
}
