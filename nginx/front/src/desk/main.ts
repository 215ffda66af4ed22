// SPDX-License-Identifier: Apache-2.0
// The back office: starts its pages.
import { startApp } from '../common/start'
import App from './App.vue'
import { router } from './router'

startApp(App, router)
