// SPDX-License-Identifier: Apache-2.0
// The pages for the phone, each of which a link with a token leads to: the authentication, and the camera for an order's papers.
import { defineAsyncComponent } from 'vue'
import { startApp } from '../common/start'

const camera = /\/camera\/?$/.test(location.pathname)
if (camera) document.title = '拍摄资料'
startApp(defineAsyncComponent(() => (camera ? import('../camera/App.vue') : import('./App.vue'))))
