// Colours and fonts come from JupyterLab's variables, so that every theme works.
export default {
  extends: ['stylelint-config-standard'],
  rules: {
    'selector-class-pattern': '^jp-Zflow(-[a-zA-Z]+)?$',
    'color-no-hex': true,
    'color-named': 'never',
    'declaration-property-value-allowed-list': {
      '/color$/': ['/^var\\(--jp-/', 'inherit', 'transparent'],
      'font-family': ['/^var\\(--jp-/'],
      'font-size': ['/^var\\(--jp-/']
    }
  }
};
