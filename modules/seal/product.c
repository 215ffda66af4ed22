/* SPDX-License-Identifier: Apache-2.0
 * The offer, for people who have not logged in yet. */
#include "modules/seal/seal.h"

enum ch_err seal_product(struct ch_req *r)
{
    const char *out;
    enum ch_err e = ch_run_text(r, CH_CALL0(&seal_product_json), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}
