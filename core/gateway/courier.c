/* SPDX-License-Identifier: Apache-2.0
 * Reading what the answers of all couriers have in common. */
#include "core/gateway/courier.h"

#include "core/base/clock.h"

#include <string.h>

int64_t ch_courier_time(const char *s)
{
    int64_t t = ch_parse_beijing(s);
    return t > 0 ? t : 0;
}

const char *ch_courier_text(const struct ch_json *obj, const char *key)
{
    const struct ch_json *node = ch_json_get(obj, key);
    return node != NULL && (node->kind == CH_JSON_STRING || node->kind == CH_JSON_NUMBER) ? node->text : "";
}

/* Insertion sort, since a parcel has a few dozen entries that are nearly in order, and entries of the same time must keep
 * theirs. */
static void sort_by_time(struct ch_route_step *routes, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct ch_route_step r = routes[i];
        size_t k = i;
        for (; k > 0 && routes[k - 1].time > r.time; k--)
            routes[k] = routes[k - 1];
        routes[k] = r;
    }
}

void ch_courier_read_routes(struct ch_arena *a, const struct ch_json *list, ch_courier_read_step *read, struct ch_routes *out)
{
    size_t n = list != NULL && list->kind == CH_JSON_ARRAY ? list->count : 0;
    struct ch_route_step *routes = ch_alloc_array(a, n + 1, sizeof *routes);

    n = n < CH_MAX_ROUTE_STEPS ? n : CH_MAX_ROUTE_STEPS;
    const struct ch_json *row = n > 0 ? list->first : NULL;
    for (size_t i = 0; i < n; i++, row = row->next)
        routes[i] = read(row);
    sort_by_time(routes, n);
    *out = (struct ch_routes){routes, n};
}
