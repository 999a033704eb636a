/** What JupyterLab asks of a browser when it is loaded, and jsdom does not have. */
globalThis.DragEvent ??= class extends MouseEvent {} as typeof DragEvent;
globalThis.ClipboardEvent ??=
  class extends Event {} as unknown as typeof ClipboardEvent;
window.matchMedia ??= (media: string) =>
  ({
    media,
    matches: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined
  }) as unknown as MediaQueryList;

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
