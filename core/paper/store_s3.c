/* SPDX-License-Identifier: Apache-2.0
 * Encrypted papers as objects in a bucket, whose keys are the ids. */
#include "core/base/random.h"
#include "core/gateway/s3/s3.h"
#include "core/paper/store_backend.h"

#include <stdio.h>

/* The error for an answer of the object store. An outage gets a sentence of its own, since the general ones would not tell people
 * that their data are not lost. */
static enum ch_err error_of(struct ch_fault *f, const char *id, const struct ch_answer *answer)
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

static enum ch_err put_object(struct ch_arena *a, struct ch_fault *f, const char *id, struct ch_bytes encrypted)
{
    struct ch_answer answer;
    enum ch_err e = ch_s3_put(a, f, id, encrypted, &answer);
    return e == CH_OK ? error_of(f, id, &answer) : e;
}

static enum ch_err get_object(struct ch_arena *a, struct ch_fault *f, const char *id, struct ch_bytes *encrypted)
{
    struct ch_answer answer;
    enum ch_err e = ch_s3_get(a, f, id, encrypted, &answer);
    return e == CH_OK ? error_of(f, id, &answer) : e;
}

static enum ch_err delete_object(struct ch_arena *a, struct ch_fault *f, const char *id)
{
    struct ch_answer answer;
    enum ch_err e = ch_s3_delete(a, f, id, &answer);
    return e == CH_OK ? error_of(f, id, &answer) : e;
}

static enum ch_err list_objects(struct ch_arena *a, struct ch_fault *f, const char *from, int64_t before,
                                struct ch_store_page *page)
{
    struct ch_s3_page found;
    struct ch_answer answer;

    enum ch_err e = ch_s3_list(a, f, from, &found, &answer);
    if (e == CH_OK)
        e = error_of(f, "the bucket's list", &answer);
    if (e != CH_OK)
        return e;
    page->ids = ch_alloc_array(a, found.n + 1, sizeof *page->ids);
    for (size_t i = 0; i < found.n; i++)
        if (found.objects[i].modified < before && ch_is_uuid(found.objects[i].key))
            page->ids[page->n++] = found.objects[i].key;
    page->next = found.next;
    return CH_OK;
}

const struct ch_store_backend ch_store_s3 = {put_object, get_object, delete_object, list_objects};
