// SPDX-License-Identifier: Apache-2.0
// How the pages are built.
import { resolve } from 'node:path'
import { defineConfig } from 'vite'
import vue from '@vitejs/plugin-vue'
import { chunkOf } from './chunks'
import Components from 'unplugin-vue-components/vite'
import { english } from './language/english.js'
import { elementPlus } from './elements'

const ENGLISH = process.env.PAGES_IN === 'en'
// One build makes four pages: nginx serves index.html for the hall, and each other page at its own path. Another makes those of the
// applicants in English.
const pages = ENGLISH ? ['index', 'phone'] : ['index', 'phone', 'desk', 'sandbox']
// Scripts that nginx serves by their names for the sandbox (modules/sandbox/nginx.conf, desk.conf).
const scripts: Record<string, string> = ENGLISH
  ? {}
  : { 'sandbox/authenticator': 'src/sandbox/authenticator.ts', 'sandbox/tour': 'src/sandbox/tour.ts' }

// The sandbox's files are in a folder of their own, so that a hall can be installed without them.
const folderOf = (file: string | null | undefined) =>
  file?.includes('src/sandbox/') || file?.endsWith('sandbox.html') ? 'assets/sandbox' : 'assets'

export default defineConfig({
  base: '/',
  define: { __ENGLISH__: JSON.stringify(ENGLISH) },
  plugins: [
    ENGLISH && english(),
    vue(),
    // Only Element Plus components are resolved by name; our own are imported where they are used. No d.ts is
    // written: the types come from element-plus/global, so a build never touches the source tree.
    Components({ dts: false, dirs: [], resolvers: [elementPlus] }),
  ],
  build: {
    outDir: process.env.OUT ?? '../html',
    emptyOutDir: !ENGLISH,
    target: 'es2020',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
    rollupOptions: {
      input: {
        ...Object.fromEntries(pages.map((page) => [page, resolve(__dirname, `${page}.html`)])),
        ...Object.fromEntries(Object.entries(scripts).map(([name, file]) => [name, resolve(__dirname, file)])),
      },
      output: {
        manualChunks: chunkOf,
        entryFileNames: ({ name, facadeModuleId }) => (name in scripts ? '[name].js' : `${folderOf(facadeModuleId)}/[name]-[hash].js`),
        chunkFileNames: ({ facadeModuleId }) => `${folderOf(facadeModuleId)}/[name]-[hash].js`,
        assetFileNames: ({ originalFileNames }) => `${folderOf(originalFileNames[0])}/[name]-[hash][extname]`,
      },
    },
  },
})
