/* SPDX-License-Identifier: Apache-2.0
 * An order of several certificates. The form's member "items" is an array in the order of the items' numbers
 * (hall.order_item), with the members of CH_ITEM in form.tbl; only those of persons have the holder_ members. */
#ifndef CH_FORM_ITEM_H
#define CH_FORM_ITEM_H

#include "core/json/json.h"

/* The part of the form for the item with that number (from 1); NULL when there is none. A form without items is itself the part
 * for its only item. */
const struct ch_json *ch_item_part(const struct ch_json *form, int number);

#endif
