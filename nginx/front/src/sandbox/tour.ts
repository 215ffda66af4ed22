// SPDX-License-Identifier: Apache-2.0
// What hall and back office load where the sandbox is on (src/common/tour.ts). Most visits are no tour, so this is all of it.
import { touring } from './tour/state'

if (touring()) void import('./tour/panel')
