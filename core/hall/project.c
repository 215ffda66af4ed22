/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hall/project.h"

#include "core/base/clock.h"
#include "hall_sql.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 64

static struct {
    char slug[32];
    char *json;
    int64_t read_at; /* ch_tick_ms */
} slots[SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static size_t slot_of(const char *slug)
{
    size_t h = 5381;
    for (; *slug != '\0'; slug++)
        h = h * 33 + (unsigned char)*slug;
    return h % SLOTS;
}

/* A copy of the kept text when it is fresh, else NULL. */
static const char *kept(struct ch_req *r)
{
    size_t i = slot_of(r->slug);
    const char *copy = NULL;

    pthread_mutex_lock(&lock);
    if (slots[i].json != NULL && strcmp(slots[i].slug, r->slug) == 0 &&
        ch_tick_ms() - slots[i].read_at < CH_SPEC_SECONDS * 1000)
        copy = ch_strdup(r->a, slots[i].json);
    pthread_mutex_unlock(&lock);
    return copy;
}

static void keep(const char *slug, const char *json)
{
    size_t i = slot_of(slug);
    char *copy = strdup(json);

    if (copy == NULL || strlen(slug) >= sizeof slots[i].slug)
        abort(); /* slugs are shorter by a constraint */
    pthread_mutex_lock(&lock);
    free(slots[i].json);
    slots[i].json = copy;
    slots[i].read_at = ch_tick_ms();
    strcpy(slots[i].slug, slug);
    pthread_mutex_unlock(&lock);
}

enum ch_err ch_project_spec(struct ch_req *r, struct ch_form_spec *out)
{
    const char *json = kept(r);

    if (json == NULL) {
        struct ch_rows rows;
        enum ch_err e = ch_peek(r, CH_CALL(&hall_form_spec, ch_p_text(r->slug)), &rows);
        if (e != CH_OK)
            return e;
        if (rows.n != 1 || (json = ch_col(&rows, 0, "out")) == NULL)
            return ch_fail_say(r, CH_E_NOT_FOUND, "没有这个办理入口，请核对合作平台给您的链接。");
        keep(r->slug, json);
    }
    return ch_form_spec_read(r->a, &r->fault, json, out);
}
