// SPDX-License-Identifier: Apache-2.0

/** A serial number as it was typed or copied, without blanks, colons and hyphens. Upper and lower case stay. */
export const bareSerial = (typed: string) => typed.replace(/[\s:：\-－‑–]/g, '')
