/* SPDX-License-Identifier: Apache-2.0
 * The bodies of decisions, for several modules. */
#include "core/desk/desk.h"

#include "core/form/rule.h"

static const struct ch_field words_fields[] = {
    CH_IN_TEXT(struct ch_words_in, note, CH_REQUIRED, 4, 500, ch_rule_name),
};
const struct ch_input ch_words_body = CH_INPUT(struct ch_words_in, words_fields);
