/* SPDX-License-Identifier: Apache-2.0
 * The state of the outside services, as this machine's circuit breakers know it. */
#include "modules/office/office.h"

#include "core/base/clock.h"
#include "core/gateway/vendor.h"

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

enum ch_err office_vendors(struct ch_req *r)
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
