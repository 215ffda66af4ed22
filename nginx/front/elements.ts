// SPDX-License-Identifier: Apache-2.0
// Finds the components of Element Plus that templates name, each in its own folder: over the library's index every page would depend
// on every component, and what travels together could not be told (chunks.ts).
import type { ComponentResolver } from 'unplugin-vue-components'

/** The components that live in another one's folder. */
const folders: Record<string, string> = {
  'checkbox-group': 'checkbox',
  option: 'select',
  'radio-button': 'radio',
  'radio-group': 'radio',
  'tab-pane': 'tabs',
}

export const elementPlus: ComponentResolver = {
  type: 'component',
  resolve(name) {
    if (!/^El[A-Z]/.test(name)) return
    const tag = name
      .slice(2)
      .replace(/\B[A-Z]/g, '-$&')
      .toLowerCase()
    return {
      name,
      from: `element-plus/es/components/${folders[tag] ?? tag}/index.mjs`,
      sideEffects: `element-plus/es/components/${tag}/style/css.mjs`,
    }
  },
}
