// Core JupyterLab's stricter rules: no `any`, types imported as types, exhaustive switches.
import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import hooks from 'eslint-plugin-react-hooks';
import ts from 'typescript-eslint';

export default ts.config(
  {
    ignores: [
      'lib/**',
      'lint/**',
      'tests/node_modules/**',
      '**/*.mjs',
      'src/api.ts',
      '**/*.d.ts'
    ]
  },
  js.configs.recommended,
  ...ts.configs.strict,
  { plugins: { jupyter } },
  ...jupyter.configs.recommended,
  {
    files: ['src/**/*.{ts,tsx}', 'tests/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './tests/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname + '/..'
      }
    },
    rules: {
      ...hooks.configs.recommended.rules,
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports' }
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true }
      ],
      // A class and its namespace share a name in JupyterLab, and so do an
      // interface and its token.
      '@typescript-eslint/no-namespace': 'off',
      '@typescript-eslint/no-redeclare': 'off',
      'no-redeclare': 'off',
      curly: 'error',
      eqeqeq: 'error',
      'prefer-arrow-callback': 'error',
      // All of the panel is smaller than what a lazy import costs.
      'jupyter/prefer-lazy-imports': 'off'
    }
  },
  {
    files: ['tests/**/*.{ts,tsx}'],
    rules: {
      // A test's end is the owner's.
      'jupyter/require-disposable-ownership': 'off',
      'jupyter/no-untranslated-string': 'off'
    }
  }
);
