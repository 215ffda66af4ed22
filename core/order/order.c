/* SPDX-License-Identifier: Apache-2.0
 * Writes the document of an order, and handles the requests that only change its state. */
#include "core/order/order.h"

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/order/project.h"
#include "core/web/output.h"
#include "flow_sql.h"
#include "form_sql.h"
#include "own_sql.h"

#include <stdlib.h>
#include <string.h>

char *ch_order_number(struct ch_arena *a)
{
    return ch_printf(a, "%013lld%s", (long long)ch_now_ms(), ch_random_text(a, "0123456789", 5));
}

/* The JSON text of an encrypted form; "{}" for an order without a form. */
static enum ch_err decrypt_form(struct ch_req *r, const char *id, struct ch_bytes encrypted, const char **json)
{
    struct ch_bytes plain = CH_LIT("{}");

    if (encrypted.p != NULL && !ch_decrypt(ch_ring(), r->a, CH_ORDER_FORM, id, encrypted, &plain))
        return ch_fail(r, CH_E_INTERNAL, "form of %s does not open", id);
    *json = ch_strndup(r->a, plain.p, plain.n);
    return CH_OK;
}

enum ch_err ch_order_form(struct ch_req *r, const char *id, struct ch_bytes encrypted, struct ch_json **form)
{
    const char *json;

    enum ch_err e = decrypt_form(r, id, encrypted, &json);
    if (e == CH_OK && ch_json_parse(r->a, CH_BYTES(json, strlen(json)), form, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "form of %s unreadable", id);
    return e;
}

/* ---- the document ---- */

/* The context of the document, besides the rows. */
struct page {
    struct ch_form_spec spec;
    const char *form; /* JSON text; NULL: the document has no form */
};

static const struct ch_json *type_of(const struct ch_out_source *s)
{
    const struct page *p = s->context;
    return ch_form_type(&p->spec, ch_out_col(s, "cert_type"));
}

static void put_project_text(struct ch_jw *w, const char *member, const struct ch_out_source *s, const char *key)
{
    const struct page *p = s->context;
    ch_jw_text(w, member, ch_json_text(p->spec.project, key));
}

// clang-format off
static void put_slug(struct ch_jw *w, const char *m, const struct ch_out_source *s) { put_project_text(w, m, s, "slug"); }
static void put_name(struct ch_jw *w, const char *m, const struct ch_out_source *s) { put_project_text(w, m, s, "name"); }
static void put_title(struct ch_jw *w, const char *m, const struct ch_out_source *s) { put_project_text(w, m, s, "form_title"); }
static void put_asked(struct ch_jw *w, const char *m, const struct ch_out_source *s) { put_project_text(w, m, s, "account_asked"); }
// clang-format on

static void put_business(struct ch_jw *w, const char *member, const struct ch_out_source *s)
{
    const struct page *p = s->context;
    ch_jw_text(w, member, ch_json_text(p->spec.businesses, ch_out_text(s, "business")));
}

static void put_type(struct ch_jw *w, const char *member, const struct ch_out_source *s)
{
    ch_jw_text(w, member, ch_json_text(type_of(s), "name"));
}

/* The person who authenticates on the phone. */
static void put_person(struct ch_jw *w, const char *member, const struct ch_out_source *s)
{
    const char *person = ch_json_text(type_of(s), "person");
    ch_jw_text(w, member, person != NULL && strcmp(person, "natural") == 0 ? "applicant" : "agent");
}

/* {"total","parts"}; the database has the parts. */
static void put_price(struct ch_jw *w, const char *member, const struct ch_out_source *s)
{
    const char *text = ch_out_col(s, "price");
    struct ch_json *parts;
    int64_t fen, sum = 0;

    if (text == NULL || ch_json_parse(w->out.a, CH_BYTES(text, strlen(text)), &parts, NULL) != CH_JSON_OK) {
        ch_jw_null(w, member);
        return;
    }
    for (const struct ch_json *p = parts->first; p != NULL; p = p->next)
        if (ch_json_int(p, "fen", &fen))
            sum += fen;
    ch_jw_object(w, member);
    ch_jw_int(w, "total", sum);
    ch_jw_raw(w, "parts", text);
    ch_jw_end_object(w);
}

static void put_seal_note(struct ch_jw *w, const char *member, const struct ch_out_source *s)
{
    bool wanted = ch_out_bool(s, "seal_wanted");
    ch_jw_text(w, member, wanted ? "电子签章将在证书制作后另行制作，届时短信通知。" : NULL);
}

/* {"item","cert_type","name","years","subject","style","style_name","seal_name"} for each item; most orders have none. */
static void put_items(struct ch_jw *w, const char *member, const struct ch_out_source *s)
{
    const struct page *p = s->context;
    const char *text = ch_out_text(s, "items");
    struct ch_json *items;

    if (strcmp(text, "[]") == 0 || ch_json_parse(w->out.a, CH_BYTES(text, strlen(text)), &items, NULL) != CH_JSON_OK) {
        ch_jw_raw(w, member, "[]");
        return;
    }
    ch_jw_array(w, member);
    for (const struct ch_json *i = items->first; i != NULL; i = i->next) {
        ch_jw_object(w, NULL);
        for (const struct ch_json *m = i->first; m != NULL; m = m->next)
            ch_jw_node(w, m->key, m);
        ch_jw_text(w, "name", ch_json_text(ch_form_type(&p->spec, ch_json_text(i, "cert_type")), "name"));
        ch_jw_text(w, "style_name", ch_form_option_label("style", ch_json_text(i, "style")));
        ch_jw_end_object(w);
    }
    ch_jw_end_array(w);
}

/* Whether the annex of the current form was printed; null when the project wants none. */
static void put_annex(struct ch_jw *w, const char *member, const struct ch_out_source *s)
{
    const struct ch_rows *papers = &s->answers[CH_ORDER_PAPERS];

    for (int i = 0; i < papers->n; i++) {
        const char *template = ch_col(papers, i, "template");
        if (template != NULL && strcmp(template, "annex") == 0) {
            ch_jw_bool(w, member, ch_out_bool(s, "annex_printed"));
            return;
        }
    }
    ch_jw_null(w, member);
}

static void put_yes(struct ch_jw *w, const char *member, const struct ch_out_source *s)
{
    (void)s;
    ch_jw_bool(w, member, true);
}

static void put_form(struct ch_jw *w, const char *member, const struct ch_out_source *s)
{
    const struct page *p = s->context;
    if (p->form != NULL)
        ch_jw_raw(w, member, p->form);
}

static const struct ch_out next_step[] = {CH_OUT_TEXT("step"), CH_OUT_TEXT_OF("text", "step_text"), CH_OUT_END};

static const struct ch_out phone[] = {
    CH_OUT_TEXT_OF("state", "phone_state"),
    CH_OUT_CALL("person", put_person),
    CH_OUT_TEXT_OF("reason", "phone_reason"),
    CH_OUT_TEXT_OF("way", "phone_way"),
    CH_OUT_END,
};

static const struct ch_out payment[] = {
    CH_OUT_TEXT_OF("state", "payment_state"),
    CH_OUT_TEXT_OF("channel", "payment_channel"),
    CH_OUT_TEXT_OF("channel_name", "payment_channel_name"),
    CH_OUT_TIME("paid_at"),
    CH_OUT_INT("total"),
    CH_OUT_END,
};

static const struct ch_out finauth[] = {
    CH_OUT_TEXT_OF("mode", "proof"),
    CH_OUT_TEXT_OF("state", "finauth"),
    CH_OUT_TEXT_OF("reason", "finauth_text"),
    CH_OUT_CALL("account_asked", put_asked),
    CH_OUT_INT("payouts"),
    CH_OUT_INT("payouts_max"),
    CH_OUT_JSON("code"),
    CH_OUT_TEXT("legal_auth"),
    CH_OUT_END,
};

static const struct ch_out certificate[] = {
    CH_OUT_TEXT("serial"),    CH_OUT_TIME("not_before"),
    CH_OUT_TIME("not_after"), CH_OUT_TEXT_OF("subject", "certificate_subject"),
    CH_OUT_TEXT("algorithm"), CH_OUT_END,
};

static const struct ch_out paper[] = {
    CH_OUT_TEXT("code"),
    CH_OUT_TEXT("name"),
    CH_OUT_CALL("needed", put_yes),
    CH_OUT_TEXT("state"),
    CH_OUT_TEXT("reason"),
    CH_OUT_JSON("check"),
    CH_OUT_BOOL("stamped"),
    CH_OUT_JSON("formats"),
    CH_OUT_TEXT("note"),
    CH_OUT_TEXT("template"),
    CH_OUT_TEXT("looks"),
    CH_OUT_INT("sheets_max"),
    CH_OUT_JSON("sheets"),
    CH_OUT_END,
};

static const struct ch_out line[] = {CH_OUT_TIME("at"), CH_OUT_TEXT("text"), CH_OUT_END};

static const struct ch_out order_document[] = {
    CH_OUT_TEXT("id"),
    CH_OUT_TEXT("number"),
    CH_OUT_CALL("slug", put_slug),
    CH_OUT_CALL("project_name", put_name),
    CH_OUT_CALL("form_title", put_title),
    CH_OUT_TEXT("business"),
    CH_OUT_CALL("business_name", put_business),
    CH_OUT_INT("version"),
    CH_OUT_TEXT("state"),
    CH_OUT_TEXT("label"),
    CH_OUT_TEXT("tone"),
    CH_OUT_OBJECT_IF("next", "step", next_step),
    CH_OUT_JSON("can"),
    CH_OUT_TIME("created_at"),
    CH_OUT_TIME("updated_at"),
    CH_OUT_TIME("due_at"),
    CH_OUT_TIME("ship_due_at"),
    CH_OUT_TEXT("due_note"),
    CH_OUT_JSON("promise"),
    CH_OUT_JSON("ahead"),
    CH_OUT_TEXT("cert_type"),
    CH_OUT_CALL("cert_type_name", put_type),
    CH_OUT_INT("years"),
    CH_OUT_BOOL("seal_wanted"),
    CH_OUT_CALL("seal_note", put_seal_note),
    CH_OUT_BOOL("published"),
    CH_OUT_TEXT("subject"),
    CH_OUT_CALL("price", put_price),
    CH_OUT_JSON("gift"),
    CH_OUT_BOOL("form_complete"),
    CH_OUT_BOOL("printed"),
    CH_OUT_CALL("annex_printed", put_annex),
    CH_OUT_CALL("items", put_items),
    CH_OUT_ROWS("papers", CH_ORDER_PAPERS, paper),
    CH_OUT_OBJECT("phone", phone),
    CH_OUT_OBJECT("payment", payment),
    CH_OUT_JSON("pay_ways"),
    CH_OUT_INT("refund_due"),
    CH_OUT_JSON("refund"),
    CH_OUT_JSON("transfer"),
    CH_OUT_OBJECT("finauth", finauth),
    CH_OUT_JSON("rejection"),
    CH_OUT_JSON("delivery"),
    CH_OUT_JSON("parcel"),
    CH_OUT_JSON("invoice"),
    CH_OUT_OBJECT_IF("certificate", "serial", certificate),
    CH_OUT_JSON_IF("outlet"),
    CH_OUT_JSON_IF("replaces"),
    CH_OUT_JSON_IF("locked"),
    CH_OUT_ROWS("history", CH_ORDER_LINES, line),
    CH_OUT_CALL("form", put_form),
    CH_OUT_END,
};

void ch_order_ask(struct ch_req *r, const char *id, struct ch_call calls[CH_ORDER_ANSWERS])
{
    static const struct ch_stmt *const stmts[CH_ORDER_ANSWERS] = {
        [CH_ORDER_LINES] = &own_lines, [CH_ORDER_ROW] = &own_page, [CH_ORDER_PAPERS] = &own_papers};
    struct ch_param *param = CH_NEW(r->a, struct ch_param);

    *param = ch_p_text(id);
    for (size_t i = 0; i < CH_ORDER_ANSWERS; i++)
        calls[i] = ch_call_of(stmts[i], param, 1);
}

static enum ch_err write_document(struct ch_req *r, const struct ch_rows *answers, const char *form,
                                  const struct ch_out *more, const char **json)
{
    struct page page = {.form = form};
    const struct ch_out_source source = {answers, CH_ORDER_ROW, 0, &page};
    struct ch_jw w;

    enum ch_err e = ch_project_spec(r, ch_col_text(&answers[CH_ORDER_ROW], 0, "business"), &page.spec);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_out_members(&w, order_document, &source);
    if (more != NULL)
        ch_out_members(&w, more, &source);
    ch_jw_end_object(&w);
    *json = ch_jw_done(&w);
    return CH_OK;
}

enum ch_err ch_order_document(struct ch_req *r, const struct ch_rows *answers, const struct ch_out *more, const char **json)
{
    return write_document(r, answers, NULL, more, json);
}

static enum ch_err no_such_order(struct ch_req *r)
{
    return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这个业务单。");
}

enum ch_err ch_order_reply(struct ch_req *r, int status, const char *id, const struct ch_rows answers[CH_ORDER_ANSWERS])
{
    const char *form, *json;

    if (answers[CH_ORDER_ROW].n != 1)
        return no_such_order(r);
    enum ch_err e = decrypt_form(r, id, ch_col_bytes(&answers[CH_ORDER_ROW], r->a, 0, "form"), &form);
    if (e == CH_OK)
        e = write_document(r, answers, form, NULL, &json);
    return e == CH_OK ? ch_reply_json(r, status, json) : e;
}

enum ch_err ch_order_after(struct ch_req *r, int status, const char *id, const struct ch_call *calls, size_t n)
{
    struct ch_call all[CH_ORDER_BEFORE + CH_ORDER_ANSWERS];
    struct ch_rows rows[CH_COUNT(all)];

    if (n > CH_ORDER_BEFORE)
        abort();
    for (size_t i = 0; i < n; i++)
        all[i] = calls[i];
    ch_order_ask(r, id, all + n);
    enum ch_err e = ch_run_all(r, all, n + CH_ORDER_ANSWERS, rows);
    return e == CH_OK ? ch_order_reply(r, status, id, rows + n) : e;
}

enum ch_err ch_order_read(struct ch_req *r, const char *id, const struct ch_rows answers[CH_ORDER_ANSWERS],
                          struct ch_json **order, struct ch_json **form)
{
    const char *json;

    if (answers[CH_ORDER_ROW].n != 1)
        return no_such_order(r);
    enum ch_err e = ch_order_document(r, answers, NULL, &json);
    if (e != CH_OK)
        return e;
    if (ch_json_parse(r->a, CH_BYTES(json, strlen(json)), order, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "order %s unreadable", id);
    return ch_order_form(r, id, ch_col_bytes(&answers[CH_ORDER_ROW], r->a, 0, "form"), form);
}

enum ch_err ch_order_own_form(struct ch_req *r, const char *id, struct ch_json **form, struct ch_json **locked)
{
    struct ch_rows rows;

    enum ch_err e = ch_run(r, CH_CALL(&flow_own_form, ch_p_text(id)), &rows);
    if (e != CH_OK)
        return e;
    if (rows.n != 1)
        return no_such_order(r);
    const char *names = ch_col(&rows, 0, "locked");
    *locked = NULL;
    if (names != NULL && ch_json_parse(r->a, CH_BYTES(names, strlen(names)), locked, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "locked fields of %s unreadable", id);
    return ch_order_form(r, id, ch_col_bytes(&rows, r->a, 0, "form"), form);
}

static const struct ch_field version_fields[] = {
    CH_IN_INT(struct ch_version_in, version, CH_REQUIRED, 1, INT32_MAX),
};
const struct ch_input ch_version_body = CH_INPUT(struct ch_version_in, version_fields);

enum ch_err ch_order_event(struct ch_req *r, const struct ch_stmt *event)
{
    const struct ch_version_in *in = r->in;
    const char *id = ch_var(r, "id");
    const struct ch_call call = CH_CALL(event, ch_p_text(id), ch_p_int(r->a, in->version));
    return ch_order_after(r, 200, id, &call, 1);
}

/* The fields whose values are codes of the hall's tables. */
static const char *const coded[] = {"unit_region", "mail_region", "account_branch"};

enum ch_err ch_order_code_names(struct ch_req *r, const struct ch_json *form, const struct ch_json **names)
{
    const char *list = "";
    struct ch_json *root = NULL;
    struct ch_rows rows;

    for (size_t i = 0; i < CH_COUNT(coded); i++) {
        const char *code = ch_json_text(form, coded[i]);
        if (code != NULL && strspn(code, "0123456789") == strlen(code))
            list = ch_printf(r->a, "%s%s\"%s\"", list, *list != '\0' ? "," : "", code);
    }
    enum ch_err e = ch_run(r, CH_CALL(&form_code_names, ch_p_text(ch_printf(r->a, "{%s}", list))), &rows);
    if (e != CH_OK)
        return e;
    e = ch_col_json(r, &rows, 0, "out", &root);
    *names = root;
    return e;
}

char *ch_order_codes(struct ch_arena *a, const struct ch_json *form)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    for (size_t i = 0; i < CH_COUNT(coded); i++) {
        const char *code = ch_json_text(form, coded[i]);
        if (code != NULL)
            ch_jw_text(&w, ch_printf(a, "/form/%s", coded[i]), code);
    }
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}
