// SPDX-License-Identifier: Apache-2.0
// The sandbox's guide beside the pages. The server says whether there is a sandbox, but it does not choose the script.
import type { Brand } from './api'

const TOUR = '/sandbox/tour.js'
const fetchTour = () => void import(/* @vite-ignore */ TOUR).catch(() => {})

export function loadTour(brand: Brand | null | undefined) {
  if (brand?.sandbox) fetchTour()
}

/** The back office is told of no sandbox before the log-in, so the guide's own mark is looked for: its address, or what it left here. */
export function loadTourUnknown() {
  const asked = new URLSearchParams(location.search)
  if (asked.has('tour') || /[?&]tour=1/.test(asked.get('next') ?? '') || localStorage.getItem('certhall.sandbox.tour')) fetchTour()
}
