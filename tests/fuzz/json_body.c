/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: a request's body through the reader and a table; what was read is written and read again alike. */
#include "core/web/input.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct item {
    const char *code;
    int64_t count;
};

struct body {
    const char *name;
    int64_t years;
    bool wanted;
    const struct ch_json *form;
    struct ch_list items;
};

static const struct ch_field item_fields[] = {
    CH_IN_TEXT(struct item, code, CH_REQUIRED, 1, 4, NULL),
    CH_IN_INT(struct item, count, CH_OPTIONAL, -9, 9),
};
static const struct ch_input item = CH_INPUT(struct item, item_fields);

static const struct ch_field fields[] = {
    CH_IN_TEXT(struct body, name, CH_REQUIRED, 1, 20, NULL),
    CH_IN_INT(struct body, years, CH_OPTIONAL, 0, 100),
    CH_IN_BOOL(struct body, wanted, CH_OPTIONAL),
    CH_IN_OBJECT(struct body, form, CH_OPTIONAL),
    CH_IN_LIST(struct body, items, CH_OPTIONAL, 0, 5, &item),
};
static const struct ch_input spec = CH_INPUT(struct body, fields);

static char *written(struct ch_arena *a, const struct ch_json *root)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_node(&w, NULL, root);
    return ch_jw_done(&w);
}

static void read_and_write(struct ch_arena *a, struct ch_bytes text)
{
    struct ch_json *root, *again;

    if (ch_json_parse(a, text, &root, NULL) != CH_JSON_OK)
        return;
    const char *first = written(a, root);
    if (ch_json_parse(a, CH_BYTES(first, strlen(first)), &again, NULL) != CH_JSON_OK || strcmp(first, written(a, again)) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_req r = {.a = a, .raw = CH_BYTES(data, size)};

    read_and_write(a, r.raw);
    enum ch_err e = ch_input_parse(&r, &spec);
    if ((e == CH_E_INVALID) != (r.errors != NULL))
        abort(); /* refused without a reason, or the other way round */
    if (e == CH_OK && strlen(((const struct body *)r.in)->name) == 0)
        abort();
    ch_arena_free(a);
    return 0;
}
