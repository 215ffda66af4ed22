/* SPDX-License-Identifier: Apache-2.0
 * The page to which the phone is sent for the liveness check, with three buttons in place of the camera. Afterwards the page
 * goes back by itself, since the content security policy of these pages forbids redirecting a form to another host. */
#include "modules/sandbox/tencent/tencent.h"

#include "core/base/codec.h"
#include "core/form/rule.h"
#include "modules/sandbox/html.h"
#include "sandbox_tencent_sql.h"

#include <string.h>

#define HOST "127.0.0.13"

#define HEAD \
    "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">" \
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>人脸核身（演示）</title>"
#define STYLE \
    "<style>body{margin:0;font:17px/1.7 system-ui,sans-serif;background:#f3f6fb;color:#1b2733}" \
    "main{max-width:24rem;margin:0 auto;padding:2rem 1.25rem;text-align:center}" \
    ".face{width:11rem;height:11rem;margin:1rem auto;border:3px solid #2b6cd4;border-radius:50%%;background:#dfe9f8;" \
    "line-height:11rem;font-size:4.5rem}" \
    "button,a.go{display:block;width:100%%;box-sizing:border-box;margin:.75rem 0;padding:.8rem;border:0;border-radius:.5rem;" \
    "font:inherit;background:#2b6cd4;color:#fff;text-decoration:none}" \
    "button.other{background:#fff;color:#1b2733;border:1px solid #8a97a8}" \
    "button:focus-visible,a:focus-visible{outline:3px solid #0b3d91;outline-offset:2px}small{color:#51606f}</style></head>"

struct session {
    const char *page, *name, *redirect_url, *extra, *biz_token;
    bool over; /* expired, or passed already */
};

static enum ch_err show_message(struct ch_req *r, int status, const char *title, const char *sentence)
{
    return ch_reply_html(
        r, status, ch_printf(r->a, HEAD STYLE "<body><main><h1>%s</h1><p>%s</p></main></body></html>", title, sentence));
}

static enum ch_err find_session(struct ch_req *r, struct session *s, bool *there)
{
    struct ch_rows rows;

    *there = false;
    if (!sandbox_host(r, HOST))
        return ch_fail(r, CH_E_NOT_FOUND, "not the host of faceid");
    s->page = ch_var(r, "page");
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_tencent_face_by_page, ch_p_text(s->page)), &rows);
    if (e != CH_OK || rows.n != 1)
        return e;
    const char *code = ch_col(&rows, 0, "code");
    *there = true;
    s->name = ch_col(&rows, 0, "name");
    s->redirect_url = ch_col(&rows, 0, "redirect_url");
    s->extra = ch_col(&rows, 0, "extra");
    s->biz_token = ch_col(&rows, 0, "biz_token");
    s->over = ch_col_bool(&rows, 0, "expired") || (code != NULL && strcmp(code, "0") == 0);
    return CH_OK;
}

enum ch_err sandbox_face_page(struct ch_req *r)
{
    struct session s;
    bool there;
    enum ch_err e = find_session(r, &s, &there);

    if (e != CH_OK)
        return e;
    if (!there)
        return show_message(r, 404, "链接无效", "请在营业厅重新获取二维码。");
    if (s.over)
        return show_message(r, 410, "链接已失效", "核身已经完成或已超时，请回到营业厅页面查看结果。");
    return ch_reply_html(
        r, 200,
        ch_printf(r->a,
                  HEAD STYLE
                  "<body><main><h1>人脸核身</h1><p>请 <strong>%s</strong> 本人操作</p><div class=\"face\" aria-hidden=\"true\">☺</div>"
                  "<p>演示环境没有摄像头，请直接选择结果。</p>"
                  "<form method=\"post\" action=\"/h5/%s/pass\"><button>通过</button></form>"
                  "<form method=\"post\" action=\"/h5/%s/fail\"><button class=\"other\">不通过</button></form>"
                  "<form method=\"post\" action=\"/h5/%s/quit\"><button class=\"other\">退出</button></form>"
                  "<p><small>本页由演示环境模拟人脸核身服务，不采集任何影像。</small></p></main></body></html>",
                  html_escape(r->a, ch_rule_mask_name(r->a, s.name)), s.page, s.page, s.page));
}

static enum ch_err end_session(struct ch_req *r, bool record, int code, const char *said, const char *shown)
{
    struct session s;
    bool there;
    enum ch_err e = find_session(r, &s, &there);

    if (e != CH_OK)
        return e;
    if (!there || s.over)
        return show_message(r, 410, "链接已失效", "请回到营业厅页面查看结果。");
    if (record)
        e = ch_run(r, CH_CALL(&sandbox_tencent_face_end, ch_p_text(s.page), ch_p_int(r->a, code), ch_p_text(said)), NULL);
    if (e != CH_OK)
        return e;
    /* Token and extra are in the query like the vendor's. They prove nothing. */
    const char *query = ch_printf(r->a, "BizToken=%s&Extra=%s", ch_percent(r->a, s.biz_token), ch_percent(r->a, s.extra));
    const char *url = html_escape(r->a, sandbox_url_with(r->a, s.redirect_url, query));
    return ch_reply_html(
        r, 200,
        ch_printf(r->a,
                  HEAD "<meta http-equiv=\"refresh\" content=\"1;url=%s\">" STYLE
                       "<body><main><h1>%s</h1><p>正在返回……</p><a class=\"go\" href=\"%s\">返回</a></main></body></html>",
                  url, shown, url));
}

enum ch_err sandbox_face_pass(struct ch_req *r)
{
    return end_session(r, true, 0, "成功", "核身通过");
}

enum ch_err sandbox_face_fail(struct ch_req *r)
{
    return end_session(r, true, 2016, "比对失败，不是同一人", "核身未通过");
}

/* The person leaves: the result stays open, and the same page can be used again. */
enum ch_err sandbox_face_quit(struct ch_req *r)
{
    return end_session(r, false, 0, "", "已退出");
}

/* What the page's button 通过 does, for the tour, which does not leave the hall's host. */
enum ch_err sandbox_face_tour(struct ch_req *r)
{
    enum ch_err e = ch_run(
        r, CH_CALL(&sandbox_tencent_face_end, ch_p_text(ch_var(r, "page")), ch_p_int(r->a, 0), ch_p_text("成功")), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}
