/* SPDX-License-Identifier: Apache-2.0
 * The .p7b file of a certificate. */
#include "core/order/chain.h"

#include "core/pki/bundle.h"

enum ch_err ch_chain_reply(struct ch_req *r, struct ch_bytes leaf, const struct ch_rows *above, const char *name)
{
    struct ch_bytes *candidates = ch_alloc_array(r->a, (size_t)above->n + 1, sizeof *candidates), p7b;

    for (int i = 0; i < above->n; i++)
        candidates[i] = ch_col_bytes(above, r->a, i, "certificate");
    if (!ch_bundle(r->a, leaf, candidates, (size_t)above->n, &p7b))
        return ch_fail(r, CH_E_INTERNAL, "a certificate of the database does not read");
    return ch_reply_file(r, "application/x-pkcs7-certificates", ch_printf(r->a, "%s.p7b", name), p7b);
}
