/* SPDX-License-Identifier: Apache-2.0
 * The people whom an application form names: agent, holder, legal person. */
#ifndef CH_FORM_PERSON_H
#define CH_FORM_PERSON_H

#include "core/json/json.h"

/* The place under which the legal person of an order is encrypted apart from its form: {"legal_name", "legal_id",
 * "legal_mobile"}. */
#define CH_LEGAL_PERSON "legal_person.encrypted"

struct ch_person {
    const char *label;               /* 经办人 */
    const char *name, *id_no;
    const char *mobile;              /* NULL: the form has none of this person */
};

/* The person who plays that role ("agent", "holder", "legal"), with texts of the form's tree. False for another word and
 * where the form has no name or number of them. */
bool ch_person_of(const struct ch_json *form, const char *role, struct ch_person *out) CH_MUST;

/* The role's name for people; NULL for another word. */
const char *ch_person_label(const char *role);

#endif
