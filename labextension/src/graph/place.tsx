import * as React from 'react';

import { Lazy } from '../panel/lazy';

/**
 * Where a graph is drawn: nothing is, before the place can be seen and has a size.
 *
 * The children are told the size, so that they fit themselves into it again when it changes.
 */
export function GraphPlace(props: {
  children: (size: string) => React.ReactNode;
}): React.ReactElement {
  const node = React.useRef<HTMLDivElement>(null);
  const [size, setSize] = React.useState('');
  React.useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { height, width } = entry.contentRect;
      if (height > 0 && width > 0) {
        setSize(`${Math.round(width)} ${Math.round(height)}`);
      }
    });
    if (node.current) {
      observer.observe(node.current);
    }
    return () => observer.disconnect();
  }, []);
  return (
    <div className="jp-Zflow-graph" ref={node}>
      {size !== '' && <Lazy>{props.children(size)}</Lazy>}
    </div>
  );
}
