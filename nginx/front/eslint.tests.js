// SPDX-License-Identifier: Apache-2.0
// For the scripts of the tests and tools, which stand outside of this folder and have no linter of their own.
import js from '@eslint/js'
import globals from 'globals'

export default [
  { ignores: ['**/node_modules/'] },
  js.configs.recommended,
  { files: ['**/*.mjs'], languageOptions: { globals: globals.node } },
  // Functions that a test hands to the browser.
  { files: ['tests/browser/*.mjs'], languageOptions: { globals: globals.browser } },
]
