// SPDX-License-Identifier: Apache-2.0
// An applicant who asks for a change of what is on file about a certificate.
import { Reissuer } from './reissue.mjs'

/** Asks module change, with the session of somebody who is logged in or as that person. */
export class Changer extends Reissuer {
  constructor(session, slug = 'jieyang') {
    super(session, slug)
    this.business = 'change'
  }
  find(serial) {
    return this.api('POST', '/change/certificate', { json: { serial } })
  }
  async ticked() {
    const { agreements, notices } = await this.api('GET', '/change/setup')
    return [...agreements, ...notices].map(({ code, version }) => ({ code, version }))
  }
  async draftFor(serial, ...kinds) {
    return (this.order = await this.api('POST', '/change/orders', { json: { agreements: await this.ticked(), serial, changes: kinds.map((code) => ({ code })) } }))
  }
  wants() {
    return this.order.papers.map((m) => m.code).sort()
  }
  async handIn(form, who) {
    await this.save(form)
    await this.print()
    await this.uploadAll()
    if (who && (await this.authenticate(who)).state !== 'passed') throw new Error('not authenticated')
    await this.refresh()
    return this.step('submit')
  }
  cancel() {
    return this.api('POST', `/orders/${this.order.id}/cancel`, { json: { version: this.order.version } })
  }
}
