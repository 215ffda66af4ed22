/* SPDX-License-Identifier: Apache-2.0
 * The withdrawal of a consent. It ends the order that the consent belongs to, unless a certificate was already made for it. */
#include "modules/privacy/privacy.h"

#include "core/base/random.h"

#include <string.h>

/* True for the number of a row, which has at most 18 digits. */
static bool is_row_number(const char *s)
{
    size_t n = strlen(s);
    return n > 0 && n <= 18 && strspn(s, "0123456789") == n;
}

enum ch_err privacy_withdraw(struct ch_req *r)
{
    static const char words[] = "撤回授权";
    const char *consent = ch_var(r, "id"), *request = ch_uuid7(r->a), *out;

    if (!is_row_number(consent))
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这项授权。");
    struct ch_bytes reason = ch_encrypt(ch_ring(), r->a, "refund_request.reason", request, CH_BYTES(words, strlen(words)));
    enum ch_err e =
        ch_run_text(r, CH_CALL(&privacy_withdraw_row, ch_p_text(consent), ch_p_text(request), ch_p_bytes(reason)), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}
