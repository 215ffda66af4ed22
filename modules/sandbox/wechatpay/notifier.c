/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay's notifications, encrypted under the APIv3 key and signed anew at each attempt. */
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/gateway/wechatpay/sign.h"
#include "modules/sandbox/notifier.h"
#include "modules/sandbox/register.h"
#include "modules/sandbox/wechatpay/sign.h"
#include "sandbox_wechatpay_sql.h"

#include <string.h>

/* pay.weixin.qq.com, "payment notification". */
static const int retry_seconds[] = {15,   15,   30,    180,   600,   1200,  1800, 1800,
                                    1800, 3600, 10800, 10800, 10800, 21600, 21600};

static bool has_fact(const struct sandbox_notice *n, const char *name)
{
    const struct ch_json *node = ch_json_get(n->facts, name);
    return node != NULL && node->truth;
}

/* The contents of a notification: its event, and the object that is encrypted. */
struct report {
    const char *event, *summary, *type, *object;
};

static bool report_payment(struct ch_arena *a, struct ch_db *db, const struct sandbox_notice *n, struct report *out)
{
    struct ch_rows row;

    if (ch_db_one(db, a, NULL, CH_CALL(&sandbox_wechatpay_order_get, ch_p_text(n->about)), &row) != CH_OK || row.n != 1)
        return false;
    int64_t total = ch_col_int(&row, 0, "total") + (has_fact(n, "wrong_amount") ? 1 : 0);
    *out = (struct report){"TRANSACTION.SUCCESS", "支付成功", "transaction",
                           sandbox_wechatpay_transaction(a, &row, "SUCCESS", total)};
    return true;
}

/* The first report is due when the refund ends, so it also ends the refund. A merchant who gave no address gets no report. */
static bool report_refund(struct ch_arena *a, struct ch_db *db, const struct sandbox_notice *n, struct report *out)
{
    bool abnormal = has_fact(n, "abnormal");
    struct ch_call end =
        CH_CALL(&sandbox_wechatpay_refund_end, ch_p_text(n->about), ch_p_text(abnormal ? "ABNORMAL" : "SUCCESS"));
    struct ch_rows row;

    if (ch_db_one(db, a, NULL, end, NULL) != CH_OK || *n->url == '\0' ||
        ch_db_one(db, a, NULL, CH_CALL(&sandbox_wechatpay_refund_get, ch_p_text(n->about)), &row) != CH_OK || row.n != 1)
        return false;
    *out = (struct report){abnormal ? "REFUND.ABNORMAL" : "REFUND.SUCCESS", abnormal ? "退款异常" : "退款成功",
                           "refund", sandbox_wechatpay_refund_object(a, &row, true)};
    return true;
}

/* The notification's body: the object, encrypted under the APIv3 key. */
static char *notice_body(struct ch_arena *a, const struct sandbox_notice *n, const struct report *about)
{
    const char *nonce = ch_random_text(a, "0123456789abcdefghijklmnopqrstuvwxyz", 12);
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "id", n->id);
    ch_jw_text(&w, "create_time", ch_rfc3339(a, n->created));
    ch_jw_text(&w, "resource_type", "encrypt-resource");
    ch_jw_text(&w, "event_type", about->event);
    ch_jw_text(&w, "summary", about->summary);
    ch_jw_object(&w, "resource");
    ch_jw_text(&w, "original_type", about->type);
    ch_jw_text(&w, "algorithm", "AEAD_AES_256_GCM");
    ch_jw_text(&w, "ciphertext",
               ch_wechatpay_encrypt(a, sandbox_register()->wechatpay_v3key, nonce, about->type,
                                    CH_BYTES(about->object, strlen(about->object))));
    ch_jw_text(&w, "associated_data", about->type);
    ch_jw_text(&w, "nonce", nonce);
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

/* A merchant who has fetched the platform certificate gets reports signed with either key at random: in this way WeChat finds
 * out whether the merchant can change over. */
static enum sandbox_pen_key random_key(struct ch_arena *a, struct ch_db *db)
{
    struct ch_rows row;
    unsigned char coin;

    if (ch_db_one(db, a, NULL, CH_CALL0(&sandbox_wechatpay_certificate_used), &row) != CH_OK || !ch_col_bool(&row, 0, "out"))
        return SANDBOX_PUBLIC_KEY;
    ch_random(&coin, 1);
    return coin & 1 ? SANDBOX_CERTIFICATE : SANDBOX_PUBLIC_KEY;
}

static bool make_request(struct ch_arena *a, struct ch_db *db, const struct sandbox_notice *n, struct ch_http_request *req)
{
    bool probe = has_fact(n, "probe") && n->tries == 0;
    struct report about;

    if (strcmp(n->kind, "refund") == 0 ? !report_refund(a, db, n, &about) : !report_payment(a, db, n, &about))
        return false;
    const char *body = notice_body(a, n, &about);
    struct sandbox_signed s =
        sandbox_wechatpay_signed(a, body, random_key(a, db), probe ? SANDBOX_PEN_PROBE : SANDBOX_PEN_TRUE);
    const char *headers[] = {"Content-Type: application/json", "Accept: application/json",
                             ch_printf(a, "Wechatpay-Timestamp: %s", s.timestamp),
                             ch_printf(a, "Wechatpay-Nonce: %s", s.nonce), ch_printf(a, "Wechatpay-Serial: %s", s.serial),
                             ch_printf(a, "Wechatpay-Signature: %s", s.signature),
                             /* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): two literals that make one */
                             "Wechatpay-Signature-Type: " CH_WECHATPAY_SCHEME};

    memcpy(req->headers, headers, sizeof headers);
    req->body = CH_BYTES(body, strlen(body));
    return true;
}

static bool is_acknowledged(const struct ch_http_response *res)
{
    return res->status == 200 || res->status == 204;
}

const struct sandbox_notifier sandbox_notify_wechatpay = {"wechatpay", retry_seconds, CH_COUNT(retry_seconds),
                                                          make_request, is_acknowledged};
