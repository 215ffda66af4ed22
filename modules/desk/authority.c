/* SPDX-License-Identifier: Apache-2.0
 * The authority at a glance: its certificates and how long they live, lists, statuses, and what the nightly lint has found. */
#include "modules/desk/desk.h"

enum ch_err desk_authority(struct ch_req *r)
{
    const char *out;
    enum ch_err e = ch_run_text(r, CH_CALL0(&desk_authority_row), &out);

    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}
