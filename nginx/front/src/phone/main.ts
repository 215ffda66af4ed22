// SPDX-License-Identifier: Apache-2.0
// The page for the phone: starts it.
import { startApp } from '../common/start'
import App from './App.vue'

startApp(App)
