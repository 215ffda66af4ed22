/* SPDX-License-Identifier: Apache-2.0
 * The partner's link, and the data of the pages that are shown before somebody has logged in. */
#include "modules/gate/gate.h"

#include "core/base/disk.h"
#include "core/web/brand.h"
#include "core/web/output.h"

#include <string.h>

/* What an operator's monitoring asks: whether the hall works, and what somebody must see to before it no longer does. */
enum ch_err gate_health(struct ch_req *r)
{
    struct ch_rows rows;
    struct ch_jw w;

    enum ch_err e = ch_run_row(r, CH_CALL0(&gate_health_row), &rows);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "status", "ok");
    ch_jw_raw(&w, "calendar_missing", ch_col(&rows, 0, "calendar_missing"));
    ch_jw_array(&w, "disk_low");
    for (const struct ch_disk_low *d = ch_disk_low(r->a); d != NULL; d = d->next)
        ch_jw_text(&w, NULL, d->name);
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err gate_home(struct ch_req *r)
{
    struct ch_rows rows;
    struct ch_jw w;

    enum ch_err e = ch_run_row(r, CH_CALL0(&gate_projects), &rows);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_brand_json(&w);
    ch_jw_raw(&w, "projects", ch_col(&rows, 0, "projects"));
    ch_jw_raw(&w, "businesses", ch_col(&rows, 0, "businesses"));
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err gate_regions(struct ch_req *r)
{
    const char *out;
    enum ch_err e = ch_run_text(r, CH_CALL(&gate_region_children, ch_p_text(ch_query(r, "parent"))), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

enum ch_err gate_refuse_link(struct ch_req *r, int status, const char *sentence)
{
    return ch_reply_html(
        r, status,
        ch_printf(
            r->a,
            "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
            "<title>链接无法打开</title><style>body{font:16px/1.8 sans-serif;max-width:36em;margin:15vh auto;padding:0 1.5em;"
            "color:#1f2937}h1{font-size:1.4em;color:#1f5fbf}</style><main><h1>链接无法打开</h1><p>%s</p>"
            "<p>请从合作平台重新进入，或返回<a href=\"/\">网上营业厅首页</a>选择项目；如仍有问题，请联系客服。</p></main></html>",
            sentence));
}

/* The partner's link, /szjsgws/getLogin?projectId=…: slug and project ID must belong together (inventory #10, #11). It may name one of
 * the project's kinds of business. */
enum ch_err gate_link(struct ch_req *r)
{
    const char *id = ch_query(r, "projectId"), *business = ch_query(r, "business");
    struct ch_rows rows;

    enum ch_err e = ch_run(r, CH_CALL(&gate_project_of, ch_p_text(ch_var(r, "slug")), ch_p_text(business)), &rows);
    if (e == CH_E_NOT_FOUND || (e == CH_OK && rows.n != 1)) /* no such project, or one that is closed */
        return gate_refuse_link(r, 404, "没有这个办理入口。链接可能不完整，或项目已经停止办理。");
    if (e != CH_OK)
        return e;
    if (id == NULL || strcmp(id, ch_col_text(&rows, 0, "project_id")) != 0)
        return gate_refuse_link(r, 404, "链接中的项目编号不正确，可能在复制时缺了一部分。");
    if (!ch_col_bool(&rows, 0, "offered"))
        return gate_refuse_link(r, 404, "这个项目不办理链接中指定的业务。");
    return gate_enter(r, business, ch_col(&rows, 0, "first"));
}

/* What nginx asks before it hands out a page (auth_request, which takes 2xx as yes, 403 as no, and anything else as a failure). Also the
 * pages of a closed project are there, since its orders go on. */
enum ch_err gate_page(struct ch_req *r)
{
    enum ch_err e = ch_run(r, CH_CALL(&gate_project_of, ch_p_text(ch_var(r, "slug")), ch_p_null()), NULL);

    if (e == CH_E_NOT_FOUND) /* the session check knows no such project */
        return CH_E_FORBIDDEN;
    return e == CH_OK ? ch_reply_empty(r) : e;
}

static const struct ch_out rebinding[] = {CH_OUT_TEXT("phone"), CH_OUT_TIME("due_at"), CH_OUT_END};

static const struct ch_out account[] = {CH_OUT_TEXT("id"), CH_OUT_TEXT("phone"), CH_OUT_END};

/* The row as an object, or null when there is none. */
static void put_row(struct ch_req *r, struct ch_jw *w, const char *member, const struct ch_out *table,
                    const struct ch_rows *rows)
{
    if (rows->n == 1)
        ch_jw_raw(w, member, ch_out_document(r->a, table, rows, NULL));
    else
        ch_jw_null(w, member);
}

enum ch_err gate_session(struct ch_req *r)
{
    enum { VIEW, ACCOUNT, REBINDING, ANSWERS };
    const struct ch_call calls[ANSWERS] = {
        [VIEW] = CH_CALL(&gate_session_view, r->token != NULL ? gate_token_hash(r) : ch_p_null()),
        [ACCOUNT] = CH_CALL0(&gate_session_account),
        [REBINDING] = CH_CALL0(&gate_my_rebinding),
    };
    struct ch_rows rows[ANSWERS];
    struct ch_jw w;

    enum ch_err e = ch_run_all(r, calls, ANSWERS, rows);
    if (e == CH_OK)
        e = ch_need_row(r, &rows[VIEW]);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_brand_json(&w);
    ch_jw_raw(&w, "project", ch_col(&rows[VIEW], 0, "project")); /* null on the hall's own pages */
    put_row(r, &w, "account", account, &rows[ACCOUNT]);
    put_row(r, &w, "rebinding", rebinding, &rows[REBINDING]);
    ch_jw_text(&w, "csrf", rows[ACCOUNT].n == 1 ? ch_csrf(r) : NULL);
    ch_jw_bool(&w, "elsewhere", ch_col_bool(&rows[VIEW], 0, "elsewhere"));
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}
