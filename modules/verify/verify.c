/* SPDX-License-Identifier: Apache-2.0
 * Module verify: the check of signatures and seals that everybody may upload. Nothing is stored, and nothing is logged. */
#include "modules/verify/verify.h"

#include "core/base/clock.h"

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

static const struct ch_route routes[] = {
    {"POST", "/verify/api/check", CH_PUBLIC, NULL, UPLOAD_MAX, CH_TX_EACH, "verify.check", check_upload},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {verify_statements, NULL};

static const struct ch_module verify_module = {.name = "verify", .routes = tables, .statements = statements};

int main(int argc, char **argv)
{
    return ch_module_main(&verify_module, argc, argv);
}
