/* SPDX-License-Identifier: Apache-2.0
 * The part of a form that belongs to one item. */
#include "core/form/item.h"

const struct ch_json *ch_item_part(const struct ch_json *form, int number)
{
    const struct ch_json *items = ch_json_get(form, "items");

    if (items == NULL || items->kind != CH_JSON_ARRAY)
        return form;
    const struct ch_json *part = items->first;
    while (part != NULL && --number > 0)
        part = part->next;
    return part;
}
