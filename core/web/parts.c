/* SPDX-License-Identifier: Apache-2.0
 * Files that are made in parts while they are sent. A client that reads slowly keeps a thread for as long as it reads. So there are
 * few places for such files, and each has a thread of its own (core/web/serve.c): other requests never have fewer than the setting
 * says. */
#include "core/web/private.h"

#include <stdatomic.h>

static atomic_int taken;

static void give_back(void *unused)
{
    (void)unused;
    atomic_fetch_sub(&taken, 1);
}

static enum ch_err take_place(struct ch_req *r)
{
    ch_defer(r->a, give_back, NULL);
    if (atomic_fetch_add(&taken, 1) < CH_PARTS_PLACES)
        return CH_OK;
    return ch_fail_say(r, CH_E_TOO_MANY, "正在导出的大型表格较多，请待其中一份下载完成后再试，或缩小导出范围。");
}

enum ch_err ch_reply_parts(struct ch_req *r, const char *mime, const char *name, ch_part *part, void *state)
{
    struct ch_bytes first;
    bool more;

    enum ch_err e = part(r, state, &first, &more);
    if (e == CH_OK && more)
        e = take_place(r);
    if (e == CH_OK)
        e = ch_reply_file(r, mime, name, first);
    r->reply.part = part;
    r->reply.state = state;
    r->reply.more = e == CH_OK && more;
    return e;
}

enum ch_err ch__next_part(struct ch_req *r)
{
    struct ch_bytes next;
    bool more;

    enum ch_err e = r->reply.part(r, r->reply.state, &next, &more);
    if (e == CH_OK)
        e = ch_reply_bytes(r, r->reply.status, r->reply.mime, next);
    r->reply.more = e == CH_OK && more;
    return e;
}
