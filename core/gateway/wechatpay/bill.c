/* SPDX-License-Identifier: Apache-2.0
 * Fetching WeChat Pay's bill of a day. The answer with the file's address is signed like every answer; the file itself is not
 * signed, and is checked by the digest in that answer. */
#include "core/gateway/wechatpay/bill.h"

#include "core/base/codec.h"
#include "core/gateway/wechatpay/call.h"
#include "core/gateway/wechatpay/send.h"

#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

/* The path of the files. The host is taken from our setting, not from the answer, so that no other host receives our
 * signature. */
#define DOWNLOAD "/v3/billdownload/file?"

struct file {
    const char *target;
    const char *sha1; /* hex */
    struct ch_bytes bytes;
};

static bool digest_fits(struct ch_arena *a, const struct file *file)
{
    unsigned char digest[20];
    size_t n;

    return EVP_Q_digest(NULL, "SHA1", NULL, file->bytes.p, file->bytes.n, digest, &n) == 1 && n == sizeof digest &&
           strcasecmp(ch_hex(a, CH_BYTES(digest, n)), file->sha1) == 0;
}

static enum ch_err try_download(struct ch_arena *a, struct ch_fault *f, void *ctx, struct ch_answer *answer)
{
    struct file *file = ctx;
    const struct ch__wechatpay_request req = {"GET", file->target, "", "", false};
    struct ch_http_response res;
    struct ch_fault own = {0};

    enum ch_err e = ch__wechatpay_send(a, &own, &req, &res);
    if (e == CH_E_INTERNAL)
        return ch_fault(f, e, "%s", own.detail);
    file->bytes = res.body;
    if (e != CH_OK)
        *answer = CH_NO_ANSWER(ch_strdup(a, own.detail));
    else if (res.status != 200)
        *answer = CH_BAD_ANSWER(ch_printf(a, "the bill's file: status %ld", res.status));
    else if (!digest_fits(a, file))
        *answer = CH_BAD_ANSWER("the bill's file does not match its digest");
    else
        *answer = (struct ch_answer){CH_ACCEPTED, "", "", ""};
    return CH_OK;
}

static enum ch_err ask_address(struct ch_arena *a, struct ch_fault *f, const char *day, struct ch_answer *answer,
                               struct file *out)
{
    struct ch__wechatpay_call c = {
        "GET", ch_printf(a, "/v3/bill/tradebill?bill_date=%s&bill_type=ALL", ch_percent(a, day)), "", CH_REPEAT};
    struct ch_json *root;
    enum ch_err e = ch__wechatpay_call(a, f, &c, answer, &root);

    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    const char *url = ch_json_text(root, "download_url"), *type = ch_json_text(root, "hash_type");
    out->target = url != NULL ? strstr(url, DOWNLOAD) : NULL;
    out->sha1 = ch_json_text(root, "hash_value");
    if (out->target == NULL || out->sha1 == NULL || type == NULL || strcmp(type, "SHA1") != 0)
        *answer = CH_BAD_ANSWER("no address of the bill's file in the answer");
    return CH_OK;
}

enum ch_err ch_wechatpay_bill(struct ch_arena *a, struct ch_fault *f, const char *day, struct ch_answer *answer,
                              struct ch_wechatpay_bill *bill)
{
    struct file file = {0};
    enum ch_err e = ask_address(a, f, day, answer, &file);

    *bill = (struct ch_wechatpay_bill){0};
    if (e == CH_OK && answer->outcome == CH_REFUSED && strcmp(answer->code, "NO_STATEMENT_EXIST") == 0)
        answer->outcome = CH_ACCEPTED;
    else if (e == CH_OK && answer->outcome == CH_ACCEPTED)
        e = ch_vendor_call(a, f, CH_V_WECHATPAY, CH_REPEAT, try_download, &file, answer);
    if (e != CH_OK || answer->outcome != CH_ACCEPTED || file.bytes.p == NULL)
        return e;
    const char *wrong = ch_wechatpay_bill_read(a, file.bytes, bill);
    if (wrong != NULL)
        *answer = CH_BAD_ANSWER(wrong);
    return CH_OK;
}
