// SPDX-License-Identifier: Apache-2.0
// The sandbox's guide beside the pages. The server says whether there is a sandbox, but it does not choose the script.
import type { Brand } from './api'

const TOUR = '/sandbox/tour.js'

export function loadTour(brand: Brand | null | undefined) {
  if (brand?.sandbox) import(/* @vite-ignore */ TOUR).catch(() => {})
}
