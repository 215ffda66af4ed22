// SPDX-License-Identifier: Apache-2.0
// What an editor would strike out in a Chinese text, as far as a rule can tell.
const HAN = '\\p{Script=Han}'
const rule = (why, pattern) => ({ why, pattern: new RegExp(pattern, 'u') })

const rules = [
  rule('a mark of half width beside Chinese', `${HAN}[,;:!?]|[,;!?](?=${HAN})|${HAN}\\(|\\)${HAN}`),
  rule('two marks where one belongs', '[，。；：、！？]{2}|。”。'),
  rule('blanks beside a mark', '[，。；！？] |\\S [，。；：、！？）”]'),
  rule('a number without a blank', `${HAN}\\d|\\d${HAN}`),
  rule('Latin letters and digits of full width', '[Ａ-Ｚａ-ｚ０-９]'),
  rule('quotation marks that do not match', '^[^“]*”|“[^”]*$|"'),
  rule('the ellipsis is … alone', '……|\\.\\.\\.|。。'),
  rule('people are addressed as 您', '你'),
  rule('a thing under another name (docs/glossary.md)', '大厅|快递单号|手机身份认证|申请退款|(?<!商户)订单(?!编号|已关闭)'),
]
/** Texts that follow others' rules: what a bank prints, numbers of licences, hours, and what is copied out of a guide. */
const others = [/随机码[:：]|PIN码[:：]/, /ICP备|公网安备/, /^%|^\^/, /<!doctype/, /我的订单/, /民初\d/, /示范CA/, /link\} 。$/]

/** The complaints about a text, none for a good one. */
export const complaints = (text) =>
  others.some((pattern) => pattern.test(text)) ? [] : rules.filter(({ pattern }) => pattern.test(text)).map(({ why }) => why)
