/* SPDX-License-Identifier: Apache-2.0
 * The operations of the bucket's client. */
#include "core/gateway/s3/s3.h"

#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/paper/store.h"
#include "tests/interop/client/client.h"

static struct ch_bytes bytes_of(struct ch_arena *a, const struct ch_json *in)
{
    struct ch_bytes b;
    return ch_unbase64(a, client_text(in, "base64", ""), &b) ? b : CH_LIT("not base64");
}

bool client_s3_put(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;

    if (ch_s3_put(a, f, client_text(in, "key", ""), bytes_of(a, in), &answer) != CH_OK)
        return false;
    client_answer(out, &answer);
    return true;
}

bool client_s3_get(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    struct ch_bytes object;

    if (ch_s3_get(a, f, client_text(in, "key", ""), &object, &answer) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_text(out, "base64", ch_base64(a, object));
    ch_jw_bool(out, "missing", ch_s3_missing(&answer));
    return true;
}

bool client_s3_head(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    int64_t size;

    if (ch_s3_head(a, f, client_text(in, "key", ""), &size, &answer) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_int(out, "size", size);
    ch_jw_bool(out, "missing", ch_s3_missing(&answer));
    return true;
}

bool client_s3_delete(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;

    if (ch_s3_delete(a, f, client_text(in, "key", ""), &answer) != CH_OK)
        return false;
    client_answer(out, &answer);
    return true;
}

bool client_s3_list(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    struct ch_s3_page page;

    if (ch_s3_list(a, f, client_text(in, "token", ""), &page, &answer) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_array(out, "objects");
    for (size_t i = 0; i < page.n; i++) {
        ch_jw_object(out, NULL);
        ch_jw_text(out, "key", page.objects[i].key);
        ch_jw_int(out, "modified", page.objects[i].modified);
        ch_jw_end_object(out);
    }
    ch_jw_end_array(out);
    ch_jw_text(out, "next", page.next);
    return true;
}

/* One page of the store's old papers. */
bool client_store_list(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_store_page page;

    enum ch_err e = ch_store_list(a, f, client_text(in, "from", ""), client_int(in, "seconds_ago", 0), &page);
    ch_jw_text(out, "error", e == CH_OK ? NULL : ch_err_row(e)->word);
    ch_jw_array(out, "ids");
    for (size_t i = 0; i < page.n; i++)
        ch_jw_text(out, NULL, page.ids[i]);
    ch_jw_end_array(out);
    ch_jw_text(out, "next", page.next);
    return true;
}

/* A ring with a data key of this call alone, over the hall's own key-encryption keys. */
static struct ch_ring *fresh_ring(struct ch_arena *a)
{
    struct ch_ring *ring = ch_ring_open(ch_conf(CONF_KEYS), CH_KEYS_PAPER);
    struct ch_bytes wrapped;
    uint32_t kek;

    if (ring == NULL)
        return NULL;
    ch_ring_make(ring, a, "paper", 1, &kek, &wrapped);
    if (ch_ring_add(ring, "paper", 1, kek, wrapped, true))
        return ring;
    ch_ring_free(ring);
    return NULL;
}

/* Puts a paper, takes it away again from the bucket when "lose" says so, and reads it: what a module would see. */
bool client_store_round(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const char *id = client_text(in, "id", "");
    struct ch_ring *ring = fresh_ring(a);
    struct ch_bytes key, back;
    struct ch_answer answer;

    if (ring == NULL)
        return false;
    enum ch_err e = ch_store_put(a, f, ring, id, bytes_of(a, in), &key);
    if (e == CH_OK && client_int(in, "lose", 0) != 0)
        e = ch_s3_delete(a, f, id, &answer);
    if (e == CH_OK)
        e = ch_store_get(a, f, ring, id, key, &back);
    ch_jw_text(out, "error", e == CH_OK ? NULL : ch_err_row(e)->word);
    ch_jw_text(out, "sentence", f->sentence);
    ch_jw_text(out, "base64", e == CH_OK ? ch_base64(a, back) : NULL);
    ch_ring_free(ring);
    return true;
}
