/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hall/paper.h"

#include "core/hall/store.h"

#include <string.h>

enum ch_err ch_paper_reply(struct ch_req *r, const struct ch_rows *rows)
{
    struct ch_bytes file;

    if (rows->n != 1)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这份资料。");
    enum ch_err e = ch_store_get(r->a, &r->fault, ch_ring(), ch_col(rows, 0, "id"), ch_col_bytes(rows, r->a, 0, "file_key"), &file);
    if (e != CH_OK)
        return e;
    const char *mime = ch_col(rows, 0, "mime");
    bool picture = strncmp(mime, "image/", 6) == 0;
    return ch_reply_file(r, mime, picture ? NULL : ch_col(rows, 0, "file_name"), file);
}
