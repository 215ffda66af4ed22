/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: what Alipay's gateway answers. The input is the signed node when it begins with 'N', the CSV file of a
 * bill in UTF-8 when with 'C', the ZIP of a bill when with 'Z', and a whole answer otherwise. */
#include "core/crypto/sign.h"
#include "core/gateway/alipay/answer.h"
#include "core/gateway/alipay/bill.h"
#include "core/gateway/alipay/sign.h"

#include <stdlib.h>
#include <string.h>

#define METHOD "alipay.trade.query"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static EVP_PKEY *test_key(void)
{
    static EVP_PKEY *key;
    if (key == NULL)
        key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    if (key == NULL)
        abort();
    return key;
}

/* A node that parses must be found with exactly its bytes, and be accepted when these are signed. */
static void read_node(struct ch_arena *a, struct ch_bytes text)
{
    const struct ch_json *node;
    struct ch_json *own = NULL;
    struct ch_bytes found;

    if (ch_json_parse(a, text, &own, NULL) != CH_JSON_OK || own->kind != CH_JSON_OBJECT || text.p[0] != '{' ||
        text.p[text.n - 1] != '}')
        return;
    const char *body = ch_printf(a, "{\"alipay_trade_query_response\":%.*s,\"sign\":\"%s\"}", (int)text.n,
                                 (const char *)text.p, ch_alipay_sign(a, test_key(), text));
    struct ch_answer answer = ch_alipay_answer(a, test_key(), METHOD, CH_BYTES(body, strlen(body)), &node);
    if (!ch_alipay_node(CH_BYTES(body, strlen(body)), "alipay_trade_query_response", &found) || found.n != text.n ||
        memcmp(found.p, text.p, text.n) != 0)
        abort();
    if (node == NULL && strcmp(answer.message, "the answer is no JSON of this method") != 0) /* one level too deep now */
        abort();
}

static void read_answer(struct ch_arena *a, struct ch_bytes body)
{
    const struct ch_json *node;
    struct ch_bytes extent;

    if (ch_alipay_answer(a, test_key(), METHOD, body, &node).outcome != CH_UNKNOWN || node != NULL)
        abort(); /* nobody has signed it */
    /* Of bytes that are not JSON, too, nothing outside of them may be returned. */
    if (ch_alipay_node(body, "x", &extent) && (extent.p < body.p || extent.p + extent.n > body.p + body.n))
        abort();
}

static void check_rows(enum ch_err e, const struct ch_bill_row *rows, size_t n)
{
    for (size_t i = 0; e == CH_OK && i < n; i++)
        if (rows[i].amount_fen < 0 || rows[i].at <= 0 || rows[i].out_trade_no[0] == '\0' ||
            (rows[i].kind == CH_BILL_REFUND) != (rows[i].out_refund_no[0] != '\0'))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();
    const struct ch_bill_row *rows = NULL;
    size_t n = 0;

    if (size > 1 && data[0] == 'N')
        read_node(a, CH_BYTES(data + 1, size - 1));
    else if (size > 0 && data[0] == 'C')
        check_rows(ch_alipay_read_bill_text(a, NULL, ch_strndup(a, data + 1, size - 1), &rows, &n), rows, n);
    else if (size > 0 && data[0] == 'Z')
        check_rows(ch_alipay_read_bill(a, NULL, CH_BYTES(data + 1, size - 1), &rows, &n), rows, n);
    else
        read_answer(a, CH_BYTES(data, size));
    ch_arena_free(a);
    return 0;
}
