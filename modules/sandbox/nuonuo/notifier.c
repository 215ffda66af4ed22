/* SPDX-License-Identifier: Apache-2.0
 * Nuonuo's callbacks: a form that is not signed. */
#include "core/gateway/formdata.h"
#include "core/gateway/nuonuo/sign.h"
#include "modules/sandbox/notifier.h"
#include "modules/sandbox/nuonuo/nuonuo.h"
#include "sandbox_nuonuo_sql.h"

#include <string.h>

/* The vendor documents that it repeats callbacks, but not how often; these waits are ours. */
static const int retry_seconds[] = {60, 300, 900, 3600, 10800};

char *nuonuo_file_url(struct ch_arena *a, const char *base, const char *file, const char *kind)
{
    return ch_printf(a, "%s/invoice/%s/%s", base, file, kind);
}

static char *callback_content(struct ch_arena *a, const struct ch_rows *row, const char *base)
{
    bool done = strcmp(ch_col(row, 0, "status"), "2") == 0;
    int64_t total = ch_col_int(row, 0, "total"), tax = ch_col_int(row, 0, "tax");
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "c_fpqqlsh", ch_col(row, 0, "serial"));
    ch_jw_text(&w, "c_orderno", ch_col(row, 0, "order_no"));
    ch_jw_text(&w, "c_status", done ? "1" : "2");
    if (done) {
        const char *file = ch_col(row, 0, "file");
        ch_jw_text(&w, "c_fphm", ch_col(row, 0, "number"));
        ch_jw_int(&w, "c_kprq", ch_col_int(row, 0, "issued") * 1000);
        ch_jw_text(&w, "c_bhsje", ch_nuonuo_yuan(a, total - tax));
        ch_jw_text(&w, "c_hjse", ch_nuonuo_yuan(a, tax));
        ch_jw_text(&w, "c_url", nuonuo_file_url(a, base, file, "pdf"));
        ch_jw_text(&w, "c_ofd_url", nuonuo_file_url(a, base, file, "ofd"));
    } else
        ch_jw_text(&w, "c_errorMessage", ch_col(row, 0, "fails"));
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

static bool make_request(struct ch_arena *a, struct ch_db *db, const struct sandbox_notice *n, struct ch_http_request *req)
{
    const char *base = ch_json_text(n->facts, "base");
    struct ch_rows row;
    struct ch_buf form;

    if (base == NULL || ch_db_one(db, a, NULL, CH_CALL(&sandbox_nuonuo_get, ch_p_text(n->about)), &row) != CH_OK ||
        row.n != 1)
        return false;
    ch_buf_init(&form, a);
    ch_formdata_put(&form, "operater", "callback");
    ch_formdata_put(&form, "orderno", ch_col(&row, 0, "order_no"));
    ch_formdata_put(&form, "content", callback_content(a, &row, base));
    req->headers[0] = "Content-Type: application/x-www-form-urlencoded;charset=UTF-8";
    req->body = ch_buf_bytes(&form);
    return true;
}

static bool is_acknowledged(const struct ch_http_response *res)
{
    return res->status == 200 && memmem(res->body.p, res->body.n, "\"0000\"", 6) != NULL;
}

const struct sandbox_notifier sandbox_notify_nuonuo = {"nuonuo", retry_seconds, CH_COUNT(retry_seconds), make_request,
                                                       is_acknowledged};
