/* SPDX-License-Identifier: Apache-2.0
 * An order of several certificates: what its form says of each. The form's member "items" is an array in the order of the
 * items' numbers (hall.order_item): {"cert_type", "years", "holder_name", "holder_id", "style", "seal_name"}, the holder_
 * members of persons only. */
#ifndef CH_FORM_ITEM_H
#define CH_FORM_ITEM_H

#include "core/json/json.h"

/* The part of item `number` (from 1), the form's own. Of an order of one item, which has no such member, the form itself. */
const struct ch_json *ch_item_part(const struct ch_json *form, int number);

#endif
