/* SPDX-License-Identifier: Apache-2.0
 * Lists that people read page by page, and that are exported as whole tables. */
#include "core/desk/desk.h"

#include <string.h>

#define PAGE_OF_TABLE 1000 /* items read at a time for a table */

struct ch_param ch_desk_page_size(struct ch_req *r, int64_t usual)
{
    return ch_p_int(r->a, ch_query_int(r, "page_size", usual, 1, 100));
}

enum ch_err ch_desk_csv_list(struct ch_req *r, struct ch_csv *c, ch_desk_read_page *read, ch_desk_put_row *put)
{
    const char *out, *after = NULL;
    struct ch_json *page;

    do {
        enum ch_err e = read(r, ch_p_text(after), ch_p_int(r->a, PAGE_OF_TABLE), &out);
        if (e != CH_OK)
            return e;
        if (ch_json_parse(r->a, CH_BYTES(out, strlen(out)), &page, NULL) != CH_JSON_OK)
            return ch_fail(r, CH_E_INTERNAL, "the list is no JSON");
        for (const struct ch_json *row = ch_json_first(page, "items"); row != NULL; row = row->next)
            put(c, row);
        after = ch_json_text(page, "next");
    } while (after != NULL);
    return CH_OK;
}
