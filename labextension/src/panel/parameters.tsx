import * as React from 'react';

import type * as api from '../api';
import { reason } from '../client';
import { usePanel, type ISectionProps } from './context';
import { inputOf, parseInput, shownValue } from './parameterInput';
import { Section } from './section';

/**
 * The parameters, and the values that the next execution is started with.
 */
export function ParametersSection({
  model
}: ISectionProps): React.ReactElement {
  const { trans } = usePanel();
  const parameters = model.check?.parameters ?? [];
  const cell = model.check?.parameters_cell ?? null;
  return (
    <Section
      name="parameters"
      title={trans.__('Parameters')}
      note={String(parameters.length)}
      isOpen={parameters.length > 0}
    >
      {parameters.length === 0 ? (
        <p className="jp-Zflow-hint">
          {trans.__('Mark the cell that sets them with “parameters”.')}
        </p>
      ) : (
        <>
          <p className="jp-Zflow-hint">
            {trans.__(
              'Values for the next execution; empty means the default.'
            )}{' '}
            {cell !== null && (
              <button
                type="button"
                className="jp-Zflow-link"
                onClick={() => void model.reveal(cell)}
              >
                {trans.__('Show the cell')}
              </button>
            )}
          </p>
          {parameters.map(parameter => (
            <Parameter
              key={parameter.name}
              parameter={parameter}
              model={model}
            />
          ))}
        </>
      )}
    </Section>
  );
}

function Parameter(
  props: ISectionProps & { parameter: api.Parameter }
): React.ReactElement {
  const { model, parameter } = props;
  const { name } = parameter;
  const { trans } = usePanel();
  const input = inputOf(parameter);
  const value = model.values.get(name);
  const [typed, setTyped] = React.useState({
    text: shownValue(value, input),
    value,
    failure: ''
  });
  // What was typed stands as it was typed, until the value comes from elsewhere.
  const { failure, text } =
    typed.value === value
      ? typed
      : { failure: '', text: shownValue(value, input) };
  const enter = (text: string): void => {
    try {
      const value = parseInput(text, input);
      setTyped({ text, value, failure: '' });
      model.setValue(name, value);
    } catch (error) {
      setTyped({ text, value: undefined, failure: reason(error) });
      model.setValue(name, undefined);
    }
  };
  const common = {
    className: 'jp-mod-styled jp-Zflow-input',
    value: text,
    'aria-invalid': failure !== '',
    title: failure || parameter.help || undefined
  };
  const fallback = shownValue(parameter.default, input) || 'null';
  return (
    <label className="jp-Zflow-field" data-parameter={name}>
      <span className="jp-Zflow-label jp-Zflow-code">{name}</span>
      {input.kind === 'flag' || input.kind === 'choice' ? (
        <select {...common} onChange={event => enter(event.target.value)}>
          <option value="">{trans.__('default (%1)', fallback)}</option>
          {(input.kind === 'choice' ? input.options : [true, false]).map(
            option => (
              <option key={String(option)} value={JSON.stringify(option)}>
                {String(option)}
              </option>
            )
          )}
        </select>
      ) : (
        <input
          {...common}
          type={input.kind === 'number' ? 'number' : 'text'}
          step={input.kind === 'number' && input.isInteger ? 1 : 'any'}
          placeholder={fallback}
          onChange={event => enter(event.target.value)}
        />
      )}
      {failure && (
        <span className="jp-Zflow-failure" role="alert">
          {failure}
        </span>
      )}
    </label>
  );
}
