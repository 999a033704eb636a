import * as React from 'react';

/**
 * A part of the panel that can be folded away.
 */
export function Section(
  props: React.PropsWithChildren<{
    title: string;
    /** Said behind the title, such as a number. */
    note?: string;
    name: string;
    isOpen?: boolean;
  }>
): React.ReactElement {
  const { children, name, note, title, isOpen = true } = props;
  return (
    <details className="jp-Zflow-section" data-section={name} open={isOpen}>
      <summary className="jp-Zflow-heading">
        <span className="jp-Zflow-headingText">{title}</span>
        {note && <span className="jp-Zflow-note">{note}</span>}
      </summary>
      <div className="jp-Zflow-sectionBody">{children}</div>
    </details>
  );
}

/**
 * A text that is written back when it is left, and only then.
 *
 * Escape gives the old text back.
 */
export function TextField(props: {
  label: string;
  value: string;
  placeholder?: string;
  isMultiline?: boolean;
  onCommit: (value: string) => void;
}): React.ReactElement {
  const { label, value, placeholder, isMultiline, onCommit } = props;
  const [text, setText] = React.useState(value);
  React.useEffect(() => setText(value), [value]);
  const common = {
    className: 'jp-mod-styled jp-Zflow-input',
    value: text,
    placeholder,
    'aria-label': label,
    onBlur: () => {
      if (text.trim() !== value) {
        onCommit(text.trim());
      }
    },
    onKeyDown: (event: React.KeyboardEvent<HTMLElement>) => {
      if (event.key === 'Enter' && !isMultiline) {
        event.currentTarget.blur();
      } else if (event.key === 'Escape') {
        setText(value);
      }
    }
  };
  return (
    <label className="jp-Zflow-field">
      <span className="jp-Zflow-label">{label}</span>
      {isMultiline ? (
        <textarea
          {...common}
          rows={2}
          onChange={event => setText(event.target.value)}
        />
      ) : (
        <input
          {...common}
          type="text"
          onChange={event => setText(event.target.value)}
        />
      )}
    </label>
  );
}
