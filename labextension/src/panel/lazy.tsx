import * as React from 'react';

import { reason } from '../client';

/**
 * What is loaded when it is first shown; when it breaks, the rest of the panel stays.
 */
export class Lazy extends React.Component<
  React.PropsWithChildren,
  { failure: string }
> {
  static getDerivedStateFromError(error: unknown): { failure: string } {
    return { failure: reason(error) };
  }

  state = { failure: '' };

  render(): React.ReactNode {
    return this.state.failure ? (
      <p className="jp-Zflow-failure" role="alert">
        {this.state.failure}
      </p>
    ) : (
      <React.Suspense fallback={null}>{this.props.children}</React.Suspense>
    );
  }
}
