// Colours and fonts come from JupyterLab's variables, so that every theme works.
export default {
  extends: ['stylelint-config-standard'],
  rules: {
    // Ours, and those of JupyterLab's cells, buttons and forms that ours stand beside.
    'selector-class-pattern':
      '^(jp-Zflow(-[a-zA-Z]+)?|jp-(mod-styled|Notebook-cell|CodeCell|InputArea-editor|root)|rjsf|form-group)$',
    'color-no-hex': true,
    'color-named': 'never',
    'declaration-property-value-allowed-list': {
      '/color$/': ['/^var\\(--jp-/', 'inherit', 'transparent'],
      'font-family': ['/^var\\(--jp-/'],
      'font-size': ['/^var\\(--jp-/']
    }
  }
};
