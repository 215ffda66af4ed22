// SPDX-License-Identifier: Apache-2.0
// What is in the person's hand: nobody scans a code with the phone that shows it.
const agent = navigator.userAgent
export const onPhone = /Android|iPhone|iPod|HarmonyOS|Mobile/i.test(agent)
/** WeChat's own browser, in which WeChat's page for other browsers does not work (PayInside.vue does), and Alipay's is not opened. */
export const inWeChat = /MicroMessenger/i.test(agent)
