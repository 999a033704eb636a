import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { fireEvent, screen } from '@testing-library/dom';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, expect, test } from 'vitest';

import type * as api from '../../src/api';
import { StageModel } from '../../src/model/stageModel';
import { PanelContext } from '../../src/panel/context';
import { FindingsSection } from '../../src/panel/findingsSection';
import { ParametersSection } from '../../src/panel/parameters';
import { PipelineSection } from '../../src/panel/pipeline';
import { check, client, finding } from '../answers';
import { notebook, tags } from '../notebooks';

let root: Root | null = null;

afterEach(() => {
  React.act(() => root?.unmount());
  document.body.replaceChildren();
});

/** Show a section about a notebook of which the server says something. */
async function show(
  section: React.FunctionComponent<{ model: StageModel }>,
  answer: Partial<api.Check> = {}
) {
  const shared = notebook([['input()', 'stage:ask']]);
  const revealed: unknown[] = [];
  const model = new StageModel({
    notebook: shared,
    host: {
      path: 'n.ipynb',
      save: () => Promise.resolve(),
      reveal: (...place) => Promise.resolve(void revealed.push(place)),
      select: () => Promise.resolve()
    },
    client: client({ check: () => Promise.resolve(check(['ask'], answer)) })
  });
  await model.refresh();
  const context = {
    client: client({}),
    commands: new CommandRegistry(),
    executions: { latest: () => null } as never,
    translator: nullTranslator,
    trans: nullTranslator.load('')
  };
  root = createRoot(document.body.appendChild(document.createElement('div')));
  React.act(() =>
    root?.render(
      <PanelContext.Provider value={context}>
        {React.createElement(section, { model })}
      </PanelContext.Provider>
    )
  );
  return { model, revealed, shared };
}

test('a finding leads to its line, and its quick fix changes the tags', async () => {
  const found = finding({
    code: 'ZF213',
    message: 'It waits.',
    cell: 0,
    line: 1
  });
  const { revealed, shared } = await show(FindingsSection, {
    findings: [found]
  });

  React.act(() => void fireEvent.click(screen.getByText('It waits.')));
  React.act(
    () =>
      void fireEvent.click(
        screen.getByRole('button', { name: 'Skip the cell' })
      )
  );

  expect([revealed, tags(shared)]).toEqual([[[0, 1]], ['skip']]);
});

test('a value that is none is told and not used', async () => {
  const parameter = { name: 'n', default: [1], annotation: null, help: '' };
  const { model } = await show(ParametersSection, { parameters: [parameter] });
  const input = screen.getByLabelText('n');

  React.act(() => void fireEvent.input(input, { target: { value: '[2]' } }));
  expect(model.values.get('n')).toEqual([2]);

  React.act(() => void fireEvent.input(input, { target: { value: '[2' } }));
  expect([model.values.size, input.getAttribute('aria-invalid')]).toEqual([
    0,
    'true'
  ]);
});

test('a text is written back when it is left, and Escape gives the old one back', async () => {
  const { model } = await show(PipelineSection);
  const input = screen.getByLabelText('Description') as HTMLTextAreaElement;

  React.act(() => void fireEvent.input(input, { target: { value: 'typed' } }));
  React.act(() => void fireEvent.keyDown(input, { key: 'Escape' }));
  expect([input.value, model.edits.settings.pipeline]).toEqual(['', {}]);

  React.act(() => void fireEvent.input(input, { target: { value: 'kept ' } }));
  React.act(() => void fireEvent.focusOut(input));
  expect(model.edits.settings.pipeline).toEqual({ description: 'kept' });
});
