// SPDX-License-Identifier: Apache-2.0
// WeChat around a page: its browser at the sandbox's web authorization, and the app behind the bridge (WeixinJSBridge).

const SAFARI = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1'
/** How WeChat's own browser calls itself. */
export const WECHAT = `${SAFARI} MicroMessenger/8.0.50(0x1800323d) NetType/WIFI Language/zh_CN`

/** What the app answers when a page hands it a request and the user confirms. `cookie` says which user of WeChat that is. */
export async function confirmInApp(request, cookie, origin) {
  const res = await fetch(`${origin}/app/getBrandWCPayRequest`, {
    method: 'POST', headers: { 'content-type': 'application/json', cookie }, body: JSON.stringify(request),
  })
  return res.json()
}

/** A user of WeChat, with its browser. */
export class WeChatUser {
  cookie = ''
  origin

  /** Follows the address of the web authorization; gives where it leads back to. */
  async follow(url, agent = WECHAT) {
    this.origin = new URL(url).origin
    const res = await fetch(url, { redirect: 'manual', headers: { 'user-agent': agent, cookie: this.cookie } })
    this.cookie = res.headers.get('set-cookie')?.split(';')[0] ?? this.cookie
    if (res.status !== 302) throw new Error(`${res.status} ${await res.text()}`)
    return new URL(res.headers.get('location'))
  }
  /** What the browser comes back with. */
  async authorize(url) {
    const { searchParams } = await this.follow(url)
    return { code: searchParams.get('code'), state: searchParams.get('state') }
  }
  confirm(request) {
    return confirmInApp(request, this.cookie, this.origin)
  }
}
