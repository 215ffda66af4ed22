/* SPDX-License-Identifier: Apache-2.0
 * The operations of Nuonuo's client. */
#include "tests/interop/client/client.h"

#include "core/gateway/nuonuo/nuonuo.h"

#include <string.h>

static enum ch_invoice_kind kind_of(const struct ch_json *in)
{
    return strcmp(client_text(in, "kind", "pc"), "bs") == 0 ? CH_INVOICE_SPECIAL : CH_INVOICE_PLAIN;
}

bool client_nuonuo_request(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const struct ch_json *list = ch_json_get(in, "lines");
    struct ch_invoice_line *lines = ch_alloc_array(a, list != NULL ? list->count + 1 : 1, sizeof *lines);
    struct ch_invoice invoice = {
        .order_no = client_text(in, "order_no", ""),
        .kind = kind_of(in),
        .buyer = client_text(in, "buyer", "示范科技有限公司"),
        .tax_no = ch_json_text(in, "tax_no"),
        .email = ch_json_text(in, "email"),
        .phone = ch_json_text(in, "phone"),
        .remark = ch_json_text(in, "remark"),
        .lines = lines,
        .total_fen = client_int(in, "total_fen", 0),
    };
    struct ch_answer answer;
    const char *serial;

    for (const struct ch_json *l = list != NULL ? list->first : NULL; l != NULL; l = l->next)
        lines[invoice.n++] = (struct ch_invoice_line){client_text(l, "name", ""), client_int(l, "fen", 0)};
    if (ch_nuonuo_request(a, f, &invoice, &answer, &serial) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_text(out, "serial", serial);
    return true;
}

bool client_nuonuo_again(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;

    if (ch_nuonuo_again(a, f, client_text(in, "order_no", ""), client_text(in, "serial", ""), &answer) != CH_OK)
        return false;
    client_answer(out, &answer);
    return true;
}

static void put_amount(struct ch_jw *out, const char *key, int64_t fen)
{
    if (fen == INT64_MIN)
        ch_jw_null(out, key);
    else
        ch_jw_int(out, key, fen);
}

bool client_nuonuo_query(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    static const char *const states[] = {
        [CH_INVOICE_WORKING] = "working", [CH_INVOICE_DONE] = "done", [CH_INVOICE_FAILED] = "failed", [CH_INVOICE_VOID] = "void"};
    struct ch_answer answer;
    struct ch_invoice_status s;

    if (ch_nuonuo_query(a, f, client_text(in, "order_no", ""), &answer, &s) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_text(out, "state", states[s.state]);
    ch_jw_text(out, "status", s.status);
    ch_jw_text(out, "serial", s.serial);
    ch_jw_text(out, "number", s.number);
    ch_jw_text(out, "pdf", s.pdf);
    ch_jw_text(out, "ofd", s.ofd);
    ch_jw_text(out, "xml", s.xml);
    ch_jw_text(out, "cause", s.cause);
    put_amount(out, "total_fen", s.total_fen);
    put_amount(out, "net_fen", s.net_fen);
    put_amount(out, "tax_fen", s.tax_fen);
    ch_jw_int(out, "issued", s.issued);
    return true;
}

bool client_nuonuo_red(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const struct ch_invoice_reversal r = {
        .order_no = client_text(in, "order_no", ""),
        .kind = kind_of(in),
        .number = client_text(in, "number", ""),
        .serial = client_text(in, "serial", ""),
        .confirmation = ch_json_text(in, "confirmation"),
    };
    struct ch_answer answer;
    const char *serial;

    if (ch_nuonuo_red(a, f, &r, &answer, &serial) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_text(out, "serial", serial);
    return true;
}

/* The form as text: what it is about. */
bool client_nuonuo_callback(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const char *form = client_text(in, "form", "");
    struct ch_invoice_hint hint;

    if (ch_nuonuo_callback(a, f, CH_BYTES(form, strlen(form)), &hint) != CH_OK)
        return false;
    ch_jw_text(out, "order_no", hint.order_no);
    ch_jw_text(out, "serial", hint.serial);
    return true;
}
