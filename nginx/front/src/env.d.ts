// SPDX-License-Identifier: Apache-2.0
/// <reference types="vite/client" />
/** Whether this is the English build. */
declare const __ENGLISH__: boolean
