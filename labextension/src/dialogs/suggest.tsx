import { type Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type * as api from '../api';
import { COLOURS, partLabel } from '../cells/chip';
import type { IAssignment } from '../notebook/edits';

/** What the dialog shows of a suggestion. */
export type IProposal = Pick<
  api.Suggestion,
  'stages' | 'setup' | 'parameters' | 'notes'
>;

export type Change = { cell: number; assignment: IAssignment };

const ROLES = ['setup', 'parameters', 'skip'] as const;

/**
 * A proposal of stages while the author edits it: names of stages, and a place for each cell.
 */
export class Draft {
  constructor(proposal: IProposal) {
    this.names = proposal.stages.map(stage => stage.name);
    proposal.stages.forEach(({ cells }, stage) =>
      cells.forEach(cell => this.places.set(cell, stage))
    );
    proposal.setup.forEach(cell => this.places.set(cell, 'setup'));
    if (proposal.parameters !== null) {
      this.places.set(proposal.parameters, 'parameters');
    }
  }

  readonly names: string[];

  /** Cell -> number of its stage, or its role. */
  readonly places = new Map<number, number | (typeof ROLES)[number]>();

  /** The changes that make the notebook what the draft says, in notebook order. */
  changes(): Change[] {
    return [...this.places]
      .sort(([a], [b]) => a - b)
      .map(([cell, place]) => ({
        cell,
        assignment:
          typeof place === 'number'
            ? { kind: 'stage', stage: this.names[place] }
            : { kind: place }
      }));
  }

  /** Whether every stage that has cells has a name. */
  get isComplete(): boolean {
    return [...this.places.values()].every(
      place => typeof place !== 'number' || this.names[place].trim() !== ''
    );
  }
}

/**
 * Show a proposal for the author to accept or edit.
 */
export class SuggestBody
  extends ReactWidget
  implements Dialog.IBodyWidget<Change[]>
{
  constructor(
    proposal: IProposal,
    sources: readonly string[],
    trans: TranslationBundle
  ) {
    super();
    this._proposal = proposal;
    this._sources = sources;
    this._trans = trans;
    this._draft = new Draft(proposal);
    this.addClass('jp-Zflow-dialog');
  }

  getValue(): Change[] {
    return this._draft.isComplete ? this._draft.changes() : [];
  }

  protected render(): React.ReactElement {
    return (
      <Suggestion
        draft={this._draft}
        proposal={this._proposal}
        sources={this._sources}
        trans={this._trans}
      />
    );
  }

  private readonly _proposal: IProposal;
  private readonly _sources: readonly string[];
  private readonly _trans: TranslationBundle;
  private readonly _draft: Draft;
}

function Suggestion(props: {
  draft: Draft;
  proposal: IProposal;
  sources: readonly string[];
  trans: TranslationBundle;
}): React.ReactElement {
  const { draft, proposal, sources, trans } = props;
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  return (
    <>
      {proposal.notes.map(note => (
        <p key={note} className="jp-Zflow-hint">
          {note}
        </p>
      ))}
      <ul className="jp-Zflow-list" aria-label={trans.__('Proposed stages')}>
        {proposal.stages.map(({ reason }, stage) => (
          <li
            key={stage}
            className="jp-Zflow-proposed"
            data-zflow-colour={stage % COLOURS}
          >
            <input
              type="text"
              className="jp-mod-styled jp-Zflow-input"
              aria-label={trans.__('Name of stage %1', stage + 1)}
              value={draft.names[stage]}
              onChange={event => {
                draft.names[stage] = event.target.value;
                redraw();
              }}
            />
            <span className="jp-Zflow-text">{reason}</span>
          </li>
        ))}
      </ul>
      <table className="jp-Zflow-table">
        <thead>
          <tr>
            <th scope="col">{trans.__('Cell')}</th>
            <th scope="col">{trans.__('Begins with')}</th>
            <th scope="col">{trans.__('Becomes')}</th>
          </tr>
        </thead>
        <tbody>
          {[...draft.places.keys()]
            .sort((a, b) => a - b)
            .map(cell => (
              <Row
                key={cell}
                cell={cell}
                draft={draft}
                source={sources[cell] ?? ''}
                trans={trans}
                onChange={redraw}
              />
            ))}
        </tbody>
      </table>
    </>
  );
}

function Row(props: {
  cell: number;
  draft: Draft;
  source: string;
  trans: TranslationBundle;
  onChange: () => void;
}): React.ReactElement {
  const { cell, draft, onChange, source, trans } = props;
  const place = draft.places.get(cell);
  return (
    <tr data-zflow-colour={typeof place === 'number' ? place % COLOURS : ''}>
      <td>{cell + 1}</td>
      <td className="jp-Zflow-code">{firstLine(source)}</td>
      <td>
        <select
          className="jp-mod-styled jp-Zflow-input"
          aria-label={trans.__('Cell %1 becomes', cell + 1)}
          value={String(place)}
          onChange={event => {
            const { value } = event.target;
            const role = ROLES.find(name => name === value);
            draft.places.set(cell, role ?? Number(value));
            onChange();
          }}
        >
          {draft.names.map((name, stage) => (
            <option key={stage} value={stage}>
              {name}
            </option>
          ))}
          {ROLES.map(role => (
            <option key={role} value={role}>
              {partLabel(role, trans)}
            </option>
          ))}
        </select>
      </td>
    </tr>
  );
}

function firstLine(source: string): string {
  return source.trim().split('\n', 1)[0];
}
