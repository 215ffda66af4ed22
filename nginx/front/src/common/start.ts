// SPDX-License-Identifier: Apache-2.0
// Starts an app. All four have the same styles, the texts of Element Plus, and the visitor's size of text.
import { createApp, h, type Component } from 'vue'
import { createPinia } from 'pinia'
import type { Router } from 'vue-router'
import { ElConfigProvider } from 'element-plus/es/components/config-provider/index.mjs'
import 'element-plus/theme-chalk/base.css'
import './theme.css'
import './base.css'
import { controls } from './language'
import { sayChanges } from './say'
import { applyTextSize } from './use/textsize'

export function startApp(root: Component, router?: Router) {
  applyTextSize()
  const app = createApp({ render: () => h(ElConfigProvider, { locale: controls }, { default: () => h(root) }) })
  app.use(createPinia())
  if (router) app.use(router)
  sayChanges(router)
  app.mount('#app')
}
