/* SPDX-License-Identifier: Apache-2.0
 * Papers by the phone: the link that the PC shows as a QR code, and what the phone that opens it sees. The link's token is the only
 * credential; it names the order, and leads to nothing but its papers. */
#include "modules/paper/paper.h"

#include "core/web/brand.h"
#include "core/web/output.h"

enum ch_err paper_link(struct ch_req *r)
{
    unsigned char hash[CH_SHA256_BYTES];
    const char *token = ch_session_token(r, hash);
    struct ch_rows rows;

    enum ch_err e =
        ch_run_row(r, CH_CALL(&paper_link_row, ch_p_text(ch_var(r, "id")), ch_p_bytes(CH_BYTES(hash, sizeof hash))), &rows);
    return e == CH_OK ? ch_reply_link(r, "camera", token, ch_col(&rows, 0, "expires_at")) : e;
}

static const struct ch_out phone_page[] = {
    CH_OUT_CALL("brand", ch_brand_put),
    CH_OUT_TEXT("project_name"),
    CH_OUT_TEXT("number"),
    CH_OUT_JSON("papers"),
    CH_OUT_END,
};

enum ch_err paper_phone(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e = ch_run_row(r, CH_CALL0(&paper_phone_view), &rows);

    return e == CH_OK ? ch_reply_json(r, 200, ch_out_document(r->a, phone_page, &rows, NULL)) : e;
}
