/* SPDX-License-Identifier: Apache-2.0
 * All data about an account as one JSON document (个人信息保护法 第四十五条): profile, orders with their forms, consents,
 * payments, messages, certificates. The document names the papers; they are downloaded on the pages of their orders. */
#include "modules/privacy/privacy.h"

#include <string.h>

/* Writes what is encrypted in a column as a member: a text, or with ch_jw_raw a JSON document. An empty column leaves the member
 * out. */
static enum ch_err put_encrypted(struct ch_req *r, struct ch_jw *w, void (*put)(struct ch_jw *, const char *, const char *),
                                 const char *key, const char *place, const char *row, struct ch_bytes encrypted)
{
    const char *plain;

    enum ch_err e = ch_decrypt_text(r, place, row, encrypted, &plain);
    if (e == CH_OK && plain != NULL)
        put(w, key, plain);
    return e;
}

static enum ch_err put_order(struct ch_req *r, struct ch_jw *w, const struct ch_rows *rows, int i)
{
    const char *id = ch_strdup(r->a, ch_col_text(rows, i, "id"));

    ch_jw_object(w, NULL);
    ch_jw_members(w, ch_col(rows, i, "out"));
    enum ch_err e = put_encrypted(r, w, ch_jw_raw, "form", CH_ORDER_FORM, id, ch_col_bytes(rows, r->a, i, "form"));
    if (e == CH_OK)
        e = put_encrypted(r, w, ch_jw_raw, "bank_account", "bank_account.encrypted", id,
                          ch_col_bytes(rows, r->a, i, "account"));
    ch_jw_end_object(w);
    return e;
}

/* A POST, because an export counts against a limit and is recorded in the trail. */
enum ch_err privacy_export(struct ch_req *r)
{
    const struct ch_call calls[] = {CH_CALL0(&privacy_account_row), CH_CALL0(&privacy_order_rows)};
    struct ch_rows rows[CH_COUNT(calls)];
    struct ch_jw w;

    enum ch_err e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    if (e == CH_OK && rows[0].n != 1)
        return ch_fail(r, CH_E_INTERNAL, "no account");
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    const char *id = ch_strdup(r->a, ch_col_text(&rows[0], 0, "id"));
    ch_jw_members(&w, ch_col(&rows[0], 0, "out"));
    e = put_encrypted(r, &w, ch_jw_text, "phone", "account.phone", id, ch_col_bytes(&rows[0], r->a, 0, "phone"));
    if (e == CH_OK)
        e = put_encrypted(r, &w, ch_jw_raw, "profile", "account.profile", id, ch_col_bytes(&rows[0], r->a, 0, "profile"));
    ch_jw_array(&w, "orders");
    for (int i = 0; e == CH_OK && i < rows[1].n; i++)
        e = put_order(r, &w, &rows[1], i);
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    if (e != CH_OK)
        return e;
    const char *json = ch_jw_done(&w);
    ch_header(r, "Cache-Control", "no-store");
    return ch_reply_file(r, "application/json", "my-data.json", CH_BYTES(json, strlen(json)));
}
