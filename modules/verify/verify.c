/* SPDX-License-Identifier: Apache-2.0
 * Module verify: the check of signatures and seals that everybody may upload. Nothing is stored, and nothing is logged. */
#include "modules/verify/verify.h"

#include "core/base/clock.h"
#include "core/base/codec.h"

#include <string.h>

#define UPLOAD_MAX CH_KB(20 * 1024)

void verify_note(struct signature *s, const char *check_upload, enum level level, const char *text, const char *advice)
{
    if (s->n < FINDINGS_MAX)
        s->findings[s->n++] = (struct finding){check_upload, level, text, advice};
}

enum level verify_worth(const struct signature *s)
{
    enum level worst = VALID;

    for (size_t i = 0; i < s->n; i++)
        if (s->findings[i].level > worst)
            worst = s->findings[i].level;
    return worst;
}

/* The body is one file, or two, one after the other; ?first= is the number of bytes of the first. */
static enum ch_err check_upload(struct ch_req *r)
{
    size_t first = (size_t)ch_query_int(r, "first", (int64_t)r->raw.n, 0, (int64_t)r->raw.n);
    struct ch_bytes one = CH_BYTES(r->raw.p, first), other = {NULL, 0};
    struct upload *u = CH_NEW(r->a, struct upload);
    int64_t now = ch_now_ms() / 1000;

    if (first < r->raw.n)
        other = CH_BYTES(r->raw.p + first, r->raw.n - first);
    if (one.n == 0)
        return ch_fail_say(r, CH_E_INVALID, "没有收到文件，请选择要验证的文件。");
    enum ch_err e = verify_read(r, one, other, u);
    if (e == CH_OK)
        e = verify_judge(r, u, now);
    return e == CH_OK ? ch_reply_json(r, 200, verify_report(r, u, now)) : e;
}

/* Whether our records have the head that a receipt names: for those who check receipts themselves, and so without the receipt. */
static enum ch_err look_for_head(struct ch_req *r)
{
    const char *root = ch_query(r, "root"), *signature = ch_query(r, "signature");
    int64_t size = ch_query_int(r, "size", 0, 1, INT64_MAX);
    struct ch_bytes root_bytes = {0}, signed_bytes = {0};
    struct ch_rows rows;
    struct ch_jw w;

    if (size == 0)
        ch_wrong(r, "/size", "shape", "日志的记录数应为正整数。");
    if (root == NULL || !ch_unhex(r->a, root, &root_bytes) || root_bytes.n != CH_SM3_BYTES)
        ch_wrong(r, "/root", "shape", "日志的根应为 64 位十六进制数。");
    if (signature == NULL || !ch_unbase64(r->a, signature, &signed_bytes))
        ch_wrong(r, "/signature", "shape", "日志的签名应为 Base64 编码。");
    if (r->errors != NULL)
        return ch_fail(r, CH_E_INVALID, "head");
    enum ch_err e = ch_run_row(
        r, CH_CALL(&verify_log_head, ch_p_int(r->a, size), ch_p_bytes(root_bytes), ch_p_bytes(signed_bytes)), &rows);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_bool(&w, "ours", ch_col_bool(&rows, 0, "ours"));
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

static const struct ch_route routes[] = {
    {"POST", "/verify/api/check", CH_PUBLIC, NULL, UPLOAD_MAX, CH_TX_EACH, "verify.check", check_upload},
    {"GET", "/verify/api/log-head", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "verify.log_head", look_for_head},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {verify_statements, NULL};

static const struct ch_module verify_module = {.name = "verify", .routes = tables, .statements = statements};

int main(int argc, char **argv)
{
    return ch_module_main(&verify_module, argc, argv);
}
