import { FormComponent } from '@jupyterlab/ui-components';
import type { ITranslator } from '@jupyterlab/translation';
import type { JSONObject, ReadonlyJSONObject } from '@lumino/coreutils';
import { customizeValidator } from '@rjsf/validator-ajv8';
import * as React from 'react';

import { withoutDefaults } from './schema';

const PAUSE = 400;

const validator = customizeValidator<ReadonlyJSONObject>();

const INPUTS = 'input, select, textarea';

const UI = { 'ui:submitButtonOptions': { norender: true } };

/**
 * A form for settings; written back when the author pauses, one undo step each time.
 */
export default function Fields(props: {
  schema: JSONObject;
  value: JSONObject;
  translator: ITranslator;
  onCommit: (value: JSONObject) => void;
}): React.ReactElement {
  const { onCommit, schema, translator, value } = props;
  const stored = JSON.stringify(value);
  const [data, setData] = React.useState(value);
  const pending = React.useRef<() => void>();
  const timer = React.useRef(0);
  const node = React.useRef<HTMLDivElement>(null);
  const id = React.useId();
  // JupyterLab's fields have a heading each, which screen readers do not connect with them.
  React.useEffect(() => node.current?.querySelectorAll(INPUTS).forEach(label));
  // What others write meanwhile is shown, unless something is being typed here.
  React.useEffect(() => {
    if (!pending.current) {
      setData(JSON.parse(stored) as JSONObject);
    }
  }, [stored]);
  React.useEffect(
    () => () => {
      window.clearTimeout(timer.current);
      pending.current?.();
    },
    []
  );
  const change = (next: JSONObject): void => {
    setData(next);
    const said = withoutDefaults(schema, next, value);
    if (JSON.stringify(said) === stored) {
      return;
    }
    pending.current = () => {
      pending.current = undefined;
      onCommit(said);
    };
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => pending.current?.(), PAUSE);
  };
  return (
    <div className="jp-Zflow-form" ref={node}>
      <FormComponent
        idPrefix={id}
        schema={schema}
        uiSchema={UI}
        formData={data}
        validator={validator}
        liveValidate
        showErrorList={false}
        compact
        translator={translator}
        experimental_defaultFormStateBehavior={{
          emptyObjectFields: 'skipDefaults'
        }}
        onChange={event => change((event.formData ?? {}) as JSONObject)}
      />
    </div>
  );
}

function label(input: Element): void {
  const heading = input
    .closest('.jp-FormGroup-content')
    ?.querySelector('.jp-FormGroup-fieldLabel')?.textContent;
  const name = heading || input.getAttribute('label');
  if (name) {
    input.setAttribute('aria-label', name);
  }
}
