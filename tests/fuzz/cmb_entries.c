/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: what the bank lists as having come in. The input is the body of the answer. */
#include "core/gateway/cmb/cmb.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the reader promises of an answer that it believes. */
static void keeps_its_word(struct ch_arena *a, const struct ch_cmb_entries *e)
{
    struct ch_json *cursor;

    if (e->more && e->cursor == NULL)
        abort();
    if (e->cursor != NULL && ch_json_parse(a, CH_BYTES(e->cursor, strlen(e->cursor)), &cursor, NULL) != CH_JSON_OK)
        abort();
    for (size_t i = 0; i < e->n; i++) {
        const struct ch_cmb_entry *row = &e->rows[i];
        if (*row->number == '\0' || strlen(row->day) != 10 || row->at < 0 || row->amount_fen < 1 || row->name == NULL ||
            row->account == NULL || row->bank == NULL || row->remark == NULL)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_cmb_entries entries;
    struct ch_json *body;

    if (ch_json_parse(a, CH_BYTES(data, size), &body, NULL) == CH_JSON_OK && ch_cmb_read_entries(a, body, &entries) == NULL)
        keeps_its_word(a, &entries);
    ch_arena_free(a);
    return 0;
}
