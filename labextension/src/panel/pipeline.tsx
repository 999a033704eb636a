import type { JSONObject } from '@lumino/coreutils';
import * as React from 'react';

import { withFields } from '../notebook/settings';
import { usePanel, type ISectionProps } from './context';
import { Section, TextField } from './section';

/** Every Monday at six. */
const EXAMPLE = 'cron(0 6 ? * MON *)';
const UTC = 'UTC';

/**
 * The pipeline as a whole: what it is called, what it is for, when it starts.
 */
export function PipelineSection({ model }: ISectionProps): React.ReactElement {
  const { trans } = usePanel();
  const settings = model.edits.settings.pipeline;
  const { expression, timezone } = schedule(settings);
  const set = (fields: JSONObject): void =>
    model.edits.updatePipeline(pipeline => withFields(pipeline, fields));
  const setSchedule = (expression: string, timezone: string): void =>
    set({
      schedule:
        expression === ''
          ? null
          : timezone === '' || timezone === UTC
            ? expression
            : { expression, timezone }
    });
  return (
    <Section name="pipeline" title={trans.__('Pipeline settings')}>
      <TextField
        label={trans.__('Name')}
        value={text(settings.name)}
        placeholder={model.check?.pipeline}
        onCommit={name => set({ name })}
      />
      <TextField
        label={trans.__('Description')}
        value={text(settings.description)}
        isMultiline
        onCommit={description => set({ description })}
      />
      <TextField
        label={trans.__('Schedule')}
        value={expression}
        placeholder={EXAMPLE}
        onCommit={value => setSchedule(value, timezone)}
      />
      {expression !== '' && (
        <TextField
          label={trans.__('Time zone')}
          value={timezone}
          placeholder={UTC}
          onCommit={value => setSchedule(expression, value)}
        />
      )}
    </Section>
  );
}

function schedule(settings: JSONObject): {
  expression: string;
  timezone: string;
} {
  const value = settings.schedule;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return {
      expression: text(value.expression),
      timezone: text(value.timezone)
    };
  }
  return { expression: text(value), timezone: '' };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
