/* SPDX-License-Identifier: Apache-2.0
 * Caches form specifications: one slot of a hash table holds the latest copy for a slug, and copies are counted references. */
#include "core/order/project.h"

#include "core/base/clock.h"
#include "form_sql.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 64

/* A form specification as it was read. Requests share it and never change it; the last user frees it. */
struct copy {
    char slug[32]; /* the column hall.project.slug is shorter */
    struct ch_form_spec spec;
    struct ch_arena *a; /* holds the copy itself */
    int64_t read_at;    /* ch_tick_ms */
    int users;          /* the slot and the requests that use it; guarded by the lock */
};

static struct copy *slots[SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct copy **slot_of(const char *slug)
{
    size_t h = 5381;
    for (; *slug != '\0'; slug++)
        h = h * 33 + (unsigned char)*slug;
    return &slots[h % SLOTS];
}

static void release_copy(void *ptr)
{
    struct copy *c = ptr;

    pthread_mutex_lock(&lock);
    bool last = --c->users == 0;
    pthread_mutex_unlock(&lock);
    if (last)
        ch_arena_free(c->a);
}

/* The slot's copy with one more user if it is still fresh, otherwise NULL. */
static struct copy *find_fresh_copy(const char *slug)
{
    struct copy *c;

    pthread_mutex_lock(&lock);
    c = *slot_of(slug);
    if (c != NULL && strcmp(c->slug, slug) == 0 && ch_tick_ms() - c->read_at < CH_SPEC_SECONDS * 1000)
        c->users++;
    else
        c = NULL;
    pthread_mutex_unlock(&lock);
    return c;
}

/* Puts a copy into its slot. It then has two users: the slot and the current request. */
static void store_copy(struct copy *c)
{
    pthread_mutex_lock(&lock);
    struct copy **slot = slot_of(c->slug), *old = *slot;
    *slot = c;
    c->users = 2;
    pthread_mutex_unlock(&lock);
    if (old != NULL)
        release_copy(old);
}

static enum ch_err read_copy(struct ch_req *r, struct copy **out)
{
    struct ch_rows rows;
    const char *json;

    enum ch_err e = ch_peek(r, CH_CALL(&form_spec, ch_p_text(r->slug)), &rows);
    if (e != CH_OK)
        return e;
    if (rows.n != 1 || (json = ch_col(&rows, 0, "out")) == NULL)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有这个办理入口，请核对合作平台给您的链接。");
    struct ch_arena *a = ch_arena_new();
    struct copy *c = CH_NEW(a, struct copy);
    c->a = a;
    c->read_at = ch_tick_ms();
    strncpy(c->slug, r->slug, sizeof c->slug - 1);
    e = ch_form_spec_read(a, &r->fault, ch_strdup(a, json), &c->spec);
    if (e != CH_OK) {
        ch_arena_free(a);
        return e;
    }
    store_copy(c);
    *out = c;
    return CH_OK;
}

enum ch_err ch_project_spec(struct ch_req *r, struct ch_form_spec *out)
{
    struct copy *c = find_fresh_copy(r->slug);

    if (c == NULL) {
        enum ch_err e = read_copy(r, &c);
        if (e != CH_OK)
            return e;
    }
    ch_defer(r->a, release_copy, c);
    *out = c->spec;
    return CH_OK;
}
