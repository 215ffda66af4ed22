/* SPDX-License-Identifier: Apache-2.0
 * Encrypted papers as objects of a bucket; their id is the key. */
#include "core/base/random.h"
#include "core/gateway/s3/s3.h"
#include "core/paper/store_backend.h"

#include <stdio.h>

/* What the answer means for a paper. The sentence is for people: neither "vendor" nor "internal" would tell them that
 * nothing of theirs is lost. */
static enum ch_err judge(struct ch_fault *f, const char *id, const struct ch_answer *answer)
{
    if (answer->outcome == CH_ACCEPTED)
        return CH_OK;
    if (ch_s3_missing(answer))
        return ch_fault(f, CH_E_NOT_FOUND, "store: no object %s", id);
    if (answer->outcome == CH_REFUSED)
        return ch_fault(f, CH_E_INTERNAL, "store: %s: refused, %s", id, answer->code);
    if (f != NULL && f->code == CH_OK)
        snprintf(f->sentence, sizeof f->sentence, "文件存储暂时不可用，请稍后重试；已提交的内容不会丢失。");
    return ch_fault(f, CH_E_UNAVAILABLE, "store: %s: %s %s", id, answer->code, answer->message);
}

static enum ch_err put(struct ch_arena *a, struct ch_fault *f, const char *id, struct ch_bytes encrypted)
{
    struct ch_answer answer;
    enum ch_err e = ch_s3_put(a, f, id, encrypted, &answer);
    return e == CH_OK ? judge(f, id, &answer) : e;
}

static enum ch_err get(struct ch_arena *a, struct ch_fault *f, const char *id, struct ch_bytes *encrypted)
{
    struct ch_answer answer;
    enum ch_err e = ch_s3_get(a, f, id, encrypted, &answer);
    return e == CH_OK ? judge(f, id, &answer) : e;
}

static enum ch_err gone(struct ch_arena *a, struct ch_fault *f, const char *id)
{
    struct ch_answer answer;
    enum ch_err e = ch_s3_delete(a, f, id, &answer);
    return e == CH_OK ? judge(f, id, &answer) : e;
}

static enum ch_err list(struct ch_arena *a, struct ch_fault *f, const char *from, int64_t before, struct ch_store_page *page)
{
    struct ch_s3_page found;
    struct ch_answer answer;

    enum ch_err e = ch_s3_list(a, f, from, &found, &answer);
    if (e == CH_OK)
        e = judge(f, "the bucket's list", &answer);
    if (e != CH_OK)
        return e;
    page->ids = ch_alloc_array(a, found.n + 1, sizeof *page->ids);
    for (size_t i = 0; i < found.n; i++)
        if (found.objects[i].modified < before && ch_is_uuid(found.objects[i].key))
            page->ids[page->n++] = found.objects[i].key;
    page->next = found.next;
    return CH_OK;
}

const struct ch_store_backend ch_store_s3 = {put, get, gone, list};
