/* SPDX-License-Identifier: Apache-2.0
 * Reading and judging an answer of Alipay's gateway. */
#include "core/gateway/alipay/answer.h"

#include "core/base/clock.h"
#include "core/gateway/alipay/sign.h"

#include <string.h>

const char *const ch_alipay_currencies[CH_ALIPAY_CURRENCIES] = {"trans_currency", "settle_currency", "refund_currency"};

/* The code 40004 (business refusal) is used for failures of Alipay's system too. After those the request may have been
 * carried out. */
static enum ch_outcome outcome_of(const char *code, const char *sub_code)
{
    static const char *const later[] = {"10003", "20000", "40005"}; /* in progress, not available, too fast */
    static const char *const unsure[] = {"ACQ.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR", "isp.unknow-error", "aop.unknow-error"};

    if (*code == '\0' || ch_code_is_one_of(code, later, CH_COUNT(later)) ||
        ch_code_is_one_of(sub_code, unsure, CH_COUNT(unsure)))
        return CH_UNKNOWN;
    return strcmp(code, "10000") == 0 ? CH_ACCEPTED : CH_REFUSED;
}

struct ch_answer ch_alipay_answer(struct ch_arena *a, EVP_PKEY *key, const char *method, struct ch_bytes body,
                                  const struct ch_json **node)
{
    struct ch_json *root = NULL, *signed_part = NULL;
    struct ch_bytes bytes;

    *node = NULL;
    if (ch_json_parse(a, body, &root, NULL) != CH_JSON_OK ||
        (!ch_alipay_node(body, ch_alipay_node_name(a, method), &bytes) && !ch_alipay_node(body, "error_response", &bytes)))
        return CH_BAD_ANSWER("the answer is no JSON of this method");
    const char *sign = ch_json_text(root, "sign");
    if (sign == NULL)
        return CH_BAD_ANSWER("the answer is not signed");
    if (!ch_alipay_verify(a, key, bytes, sign))
        return CH_BAD_ANSWER("the signature of the answer is not Alipay's");
    /* The signed bytes themselves are parsed: a second member of the same name must not be read instead. */
    if (ch_json_parse(a, bytes, &signed_part, NULL) != CH_JSON_OK)
        return CH_BAD_ANSWER("the signed part of the answer is not JSON");
    *node = signed_part;
    const char *code = ch_or_empty(ch_json_text(*node, "code")), *sub_code = ch_or_empty(ch_json_text(*node, "sub_code"));
    struct ch_answer out = {outcome_of(code, sub_code), "", "", ""};
    if (out.outcome != CH_ACCEPTED) {
        out.code = *sub_code != '\0' ? sub_code : code;
        out.message = ch_or_empty(ch_json_text(*node, *sub_code != '\0' ? "sub_msg" : "msg"));
    }
    return out;
}

enum ch_alipay_state ch_alipay_state_of(const char *word)
{
    static const struct {
        const char *word;
        enum ch_alipay_state state;
    } words[] = {
        {"WAIT_BUYER_PAY", CH_ALIPAY_WAITING},
        {"TRADE_SUCCESS", CH_ALIPAY_SUCCESS},
        {"TRADE_FINISHED", CH_ALIPAY_FINISHED},
        {"TRADE_CLOSED", CH_ALIPAY_CLOSED},
    };
    for (size_t i = 0; i < CH_COUNT(words); i++)
        if (strcmp(words[i].word, word) == 0)
            return words[i].state;
    return CH_ALIPAY_OTHER;
}

int64_t ch_alipay_time(const char *text)
{
    int64_t seconds = text != NULL ? ch_parse_beijing(text) : -1;
    return seconds > 0 ? seconds : 0;
}
