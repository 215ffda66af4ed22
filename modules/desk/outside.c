/* SPDX-License-Identifier: Apache-2.0
 * The outside services: how they do, what they reported, and whether their bills agree with our books. */
#include "modules/desk/desk.h"

#include "core/base/clock.h"
#include "core/format/csv.h"
#include "core/gateway/vendor.h"

#include <string.h>

static void put_vendor(struct ch_jw *w, struct ch_arena *a, enum ch_vendor v)
{
    static const char *const words[] = {
        [CH_CIRCUIT_CLOSED] = "closed", [CH_CIRCUIT_OPEN] = "open", [CH_CIRCUIT_TRYING] = "trying"};
    const struct ch_vendor_row *row = ch_vendor_row(v);
    struct ch_vendor_state s;

    ch_vendor_state(v, &s);
    ch_jw_object(w, NULL);
    ch_jw_text(w, "code", row->word);
    ch_jw_text(w, "name", row->name);
    ch_jw_text(w, "circuit", words[s.circuit]);
    ch_jw_int(w, "good", s.good);
    ch_jw_int(w, "bad", s.bad);
    ch_jw_text(w, "last_good_at", s.last_good > 0 ? ch_rfc3339(a, s.last_good / 1000) : NULL);
    ch_jw_text(w, "last_bad_at", s.last_bad > 0 ? ch_rfc3339(a, s.last_bad / 1000) : NULL);
    ch_jw_text(w, "why", s.last_bad > 0 ? s.why : NULL);
    ch_jw_end_object(w);
}

enum ch_err desk_vendors(struct ch_req *r)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "items");
    for (int v = 0; v < CH_V__COUNT; v++)
        put_vendor(&w, r->a, (enum ch_vendor)v);
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err desk_messages(struct ch_req *r)
{
    const char *id, *out;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e == CH_OK)
        e = ch_run_text(r, CH_CALL(&desk_messages_json, ch_p_text(id)), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

enum ch_err desk_bills(struct ch_req *r)
{
    const char *out;
    enum ch_err e = ch_run_text(r, CH_CALL(&desk_bills_json, ch_query_filter(r, "after"), desk_page_size(r, 20)), &out);

    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

enum ch_err desk_bill_want(struct ch_req *r)
{
    const struct desk_bill_in *in = r->in;
    const char *out;

    enum ch_err e = ch_run_text(r, CH_CALL(&desk_bill_want_row, ch_p_text(in->channel), ch_p_text(in->day)), &out);
    return e == CH_OK ? ch_reply_json(r, 202, out) : e;
}

static enum ch_err read_bill(struct ch_req *r, const char **out)
{
    const char *id;
    enum ch_err e = ch_var_uuid(r, "id", &id);

    return e == CH_OK ? ch_run_text(r, CH_CALL(&desk_bill_differences, ch_p_text(id)), out) : e;
}

enum ch_err desk_bill(struct ch_req *r)
{
    const char *out;
    enum ch_err e = read_bill(r, &out);

    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

static const char *in_words(const char *code)
{
    static const struct {
        const char *code, *words;
    } map[] = {{"payment", "收款"}, {"refund", "退款"}, {"only_theirs", "仅账单有"}, {"only_ours", "仅本系统有"},
               {"amount", "金额不一致"}, {"twice", "账单中重复"}};

    for (size_t i = 0; code != NULL && i < CH_COUNT(map); i++)
        if (strcmp(map[i].code, code) == 0)
            return map[i].words;
    return code;
}

static void csv_amount(struct ch_csv *c, const struct ch_json *row, const char *key)
{
    int64_t fen;

    if (ch_json_int(row, key, &fen))
        ch_csv_fen(c, fen);
    else
        ch_csv_text(c, NULL);
}

static void csv_difference(struct ch_csv *c, const struct ch_json *row)
{
    ch_csv_text(c, in_words(ch_json_text(row, "kind")));
    ch_csv_text(c, in_words(ch_json_text(row, "what")));
    ch_csv_text(c, ch_json_text(row, "number"));
    ch_csv_text(c, ch_json_text(row, "refund_number"));
    csv_amount(c, row, "ours");
    csv_amount(c, row, "theirs");
    ch_csv_text(c, ch_json_text(row, "order_number"));
    ch_csv_end_row(c);
}

enum ch_err desk_bill_csv(struct ch_req *r)
{
    static const char *const columns[] = {"类别", "差异", "商户订单号", "商户退款单号", "本系统金额(元)", "账单金额(元)", "业务单号"};
    struct ch_json *root;
    struct ch_csv c;
    const char *out;

    enum ch_err e = read_bill(r, &out);
    if (e != CH_OK)
        return e;
    if (ch_json_parse(r->a, CH_BYTES(out, strlen(out)), &root, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "the differences are no JSON");
    ch_csv_init(&c, r->a);
    for (size_t i = 0; i < CH_COUNT(columns); i++)
        ch_csv_text(&c, columns[i]);
    ch_csv_end_row(&c);
    for (const struct ch_json *row = ch_json_get(root, "items")->first; row != NULL; row = row->next)
        csv_difference(&c, row);
    return ch_reply_file(r, "text/csv; charset=utf-8", "differences.csv", ch_csv_done(&c));
}
