/* SPDX-License-Identifier: Apache-2.0
 * What SF Express and JD Logistics of the sandbox have in common. */
#include "modules/sandbox/courier.h"

#include "core/base/clock.h"
#include "core/gateway/courier.h"
#include "modules/sandbox/notifier.h"

#include <stdlib.h>
#include <string.h>

#define STEP_SECONDS 600
#define WINDOW_SECONDS 600

enum ch_err courier_take(struct ch_req *r, const struct courier_parcel *p, bool *taken)
{
    struct ch_rows rows;
    bool nowhere;
    enum ch_err e = sandbox_switched(r, "courier.undeliverable", &nowhere);

    if (e != CH_OK)
        return e;
    nowhere = nowhere || strstr(p->address, "无法送达") != NULL;
    e = ch_run(r,
               CH_CALL(&sandbox_courier_take, ch_p_text(p->courier), ch_p_text(p->order_id), ch_p_text(p->waybill),
                       ch_p_text(p->sender), ch_p_text(p->receiver), ch_p_text(p->origin), ch_p_text(p->city),
                       ch_p_bytes(ch_sha256_of(r->a, p->message)), ch_p_int(r->a, nowhere ? 3 : 2),
                       ch_p_text(sandbox_scaled(r->a, STEP_SECONDS))),
               &rows);
    *taken = e == CH_OK && rows.n == 1;
    return e;
}

bool courier_mobile(const char *s)
{
    return s != NULL && strlen(s) == 11 && s[0] == '1' && strspn(s, "0123456789") == 11;
}

bool courier_in_time(const char *s)
{
    int64_t t = s != NULL ? ch_courier_time(s) : 0;
    return t > 0 && llabs(t - ch_now_ms() / 1000) <= WINDOW_SECONDS;
}
