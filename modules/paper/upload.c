/* SPDX-License-Identifier: Apache-2.0
 * How many files applicants may upload, the same for papers and vouchers: the database is asked before a file is stored. */
#include "modules/paper/paper.h"

#include "core/base/config.h"

static struct ch_param setting(struct ch_req *r, enum ch_conf which)
{
    return ch_p_int(r->a, ch_conf_int(which));
}

/* Asks whether the order takes this file, and whether there were not too many today. */
static enum ch_err admit_upload(struct ch_req *r, const struct paper_way *way)
{
    struct ch_rows rows[2];
    const struct ch_call calls[] = {
        way->may,
        CH_CALL(&paper_admit, ch_p_text(way->order), ch_p_int(r->a, (int64_t)r->raw.n), setting(r, CONF_UPLOAD_ORDER_N),
                setting(r, CONF_UPLOAD_ORDER_MB), setting(r, CONF_UPLOAD_ACCOUNT_N), setting(r, CONF_UPLOAD_ACCOUNT_MB),
                setting(r, CONF_UPLOAD_ADDRESS_N), setting(r, CONF_UPLOAD_ADDRESS_MB)),
    };

    return ch_run_all(r, calls, CH_COUNT(calls), rows);
}

enum ch_err paper_store(struct ch_req *r, const struct paper_way *way, struct ch_upload *f)
{
    enum ch_err e = admit_upload(r, way);

    return e == CH_OK ? ch_upload_store(r, way->key_place, f) : e;
}
