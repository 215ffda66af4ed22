/* SPDX-License-Identifier: Apache-2.0
 * Nuonuo's callbacks about invoices. They are not signed, so nothing of what they say is believed: a number of ours among
 * those that are being issued is asked about sooner, and that is all. */
#include "modules/notify/notify.h"

#include "core/gateway/nuonuo/nuonuo.h"

enum ch_err notify_nuonuo(struct ch_req *r)
{
    struct ch_invoice_hint hint;

    enum ch_err e = ch_nuonuo_callback(r->a, &r->fault, r->raw, &hint);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&notify_invoice_hint, ch_p_text(hint.order_no)), NULL);
    return e == CH_OK ? ch_reply_json(r, 200, CH_INVOICE_TAKEN) : e;
}
