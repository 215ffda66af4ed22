// SPDX-License-Identifier: Apache-2.0
// What the pages use of sm-crypto, which has no types of its own.
declare module 'sm-crypto' {
  interface Options {
    hash: boolean
    der: boolean
    userId: string
  }
  export const sm2: { doVerifySignature(message: string, signature: string, key: string, options: Options): boolean }
  export function sm3(bytes: number[]): string
}
