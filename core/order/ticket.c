/* SPDX-License-Identifier: Apache-2.0
 * Checks, reads and hashes tickets. */
#include "core/order/ticket.h"

#include "core/base/codec.h"
#include "flow_sql.h"

#include <string.h>

#define HASH_BYTES 8 /* enough to tell values of one order apart; nothing is looked up by these hashes */

enum ch_err ch_ticket_check(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_json *form, const char **kept)
{
    enum ch_err e = ch_form_check(r, spec, form, false, kept);

    if (e != CH_OK)
        return e;
    for (size_t i = 0; i < spec->n; i++) {
        const struct ch_form_shown *s = &spec->shown[i];
        const struct ch_json *v = ch_json_get(form, s->field->name);
        if (v != NULL && v->kind != CH_JSON_ARRAY)
            ch_form_check_value(r, spec, s, s->field->name, v, true);
    }
    return r->errors == NULL ? CH_OK : ch_fail(r, CH_E_INVALID, "form");
}

enum ch_err ch_ticket_read(struct ch_req *r, const char *entry, struct ch_ticket *out)
{
    unsigned char hash[CH_SHA256_BYTES];
    struct ch_bytes plain;
    struct ch_json *form;
    struct ch_rows rows;

    ch_sha256(CH_BYTES(entry, strlen(entry)), hash);
    enum ch_err e = ch_peek(r, CH_CALL(&flow_ticket_read, ch_p_bytes(CH_BYTES(hash, sizeof hash))), &rows);
    if (e != CH_OK)
        return e;
    if (rows.n != 1)
        return ch_fail_say(r, CH_E_GONE, "合作平台带来的信息已失效，请从平台重新进入。");
    out->id = ch_col(&rows, 0, "id");
    if (!ch_decrypt(ch_ring(), r->a, CH_TICKET_FORM, out->id, ch_col_bytes(&rows, r->a, 0, "form"), &plain) ||
        ch_json_parse(r->a, plain, &form, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "ticket unreadable");
    out->text = (const char *)plain.p;
    out->form = form;
    return CH_OK;
}

char *ch_ticket_hashes(struct ch_arena *a, const struct ch_ring *ring, const struct ch_json *form)
{
    unsigned char hash[CH_SHA256_BYTES];
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    for (const struct ch_json *m = form->first; m != NULL; m = m->next) {
        const char *v = ch_form_value(m);
        if (v == NULL)
            continue;
        ch_blind(ring, "ticket", ch_printf(a, "%s=%s", m->key, v), hash);
        ch_jw_text(&w, m->key, ch_hex(a, CH_BYTES(hash, HASH_BYTES)));
    }
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}
