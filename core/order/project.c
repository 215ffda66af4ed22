/* SPDX-License-Identifier: Apache-2.0
 * Caches form specifications: one slot of a hash table holds the latest copy for a slug and a kind of
 * business, and copies are counted references. */
#include "core/order/project.h"

#include "core/base/clock.h"
#include "form_sql.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 256

/* A form specification as it was read. Requests share it and never change it; the last user frees it. */
struct copy {
    char key[96]; /* "slug/business"; the column hall.project.slug is shorter than 32, and longer words are no kind of business */
    struct ch_form_spec spec;
    struct ch_arena *a; /* holds the copy itself */
    int64_t read_at;    /* ch_tick_ms */
    int users;          /* the slot and the requests that use it; guarded by the lock */
};

static struct copy *slots[SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct copy **slot_of(const char *key)
{
    size_t h = 5381;
    for (; *key != '\0'; key++)
        h = h * 33 + (unsigned char)*key;
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
static struct copy *find_fresh_copy(const char *key)
{
    struct copy *c;

    pthread_mutex_lock(&lock);
    c = *slot_of(key);
    if (c != NULL && strcmp(c->key, key) == 0 && ch_tick_ms() - c->read_at < CH_SPEC_SECONDS * 1000)
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
    struct copy **slot = slot_of(c->key), *old = *slot;
    *slot = c;
    c->users = 2;
    pthread_mutex_unlock(&lock);
    if (old != NULL)
        release_copy(old);
}

static enum ch_err read_copy(struct ch_req *r, const char *business, const char *key, struct copy **out)
{
    struct ch_rows rows;
    const char *json;

    enum ch_err e = ch_peek(r, CH_CALL(&form_spec, ch_p_text(r->slug), ch_p_text(business)), &rows);
    if (e != CH_OK)
        return e;
    if (rows.n != 1 || (json = ch_col(&rows, 0, "out")) == NULL)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有这个办理入口，请核对合作平台给您的链接。");
    struct ch_arena *a = ch_arena_new();
    struct copy *c = CH_NEW(a, struct copy);
    c->a = a;
    c->read_at = ch_tick_ms();
    strncpy(c->key, key, sizeof c->key - 1);
    e = ch_form_spec_read(a, &r->fault, ch_strdup(a, json), &c->spec);
    if (e != CH_OK) {
        ch_arena_free(a);
        return e;
    }
    store_copy(c);
    *out = c;
    return CH_OK;
}

enum ch_err ch_project_spec(struct ch_req *r, const char *business, struct ch_form_spec *out)
{
    const char *key = ch_printf(r->a, "%.40s/%.40s", r->slug, business != NULL ? business : "");
    struct copy *c = find_fresh_copy(key);

    if (c == NULL) {
        enum ch_err e = read_copy(r, business, key, &c);
        if (e != CH_OK)
            return e;
    }
    ch_defer(r->a, release_copy, c);
    *out = c->spec;
    return CH_OK;
}
