/* SPDX-License-Identifier: Apache-2.0
 * The people in an application form: agent, holder, legal person. */
#ifndef CH_FORM_PERSON_H
#define CH_FORM_PERSON_H

#include "core/json/json.h"

/* The place (of ch_encrypt) of the legal person's data, which is encrypted apart from the form: {"legal_name", "legal_id",
 * "legal_mobile"}. */
#define CH_LEGAL_PERSON "legal_person.encrypted"

struct ch_person {
    const char *label; /* 经办人 */
    const char *name, *id_no;
    const char *mobile; /* NULL: the form has none */
};

/* The person in the role "agent", "holder" or "legal"; the texts are those of the form. False for another role, and when the
 * form lacks the person's name or number. */
bool ch_person_of(const struct ch_json *form, const char *role, struct ch_person *out) CH_MUST;

/* Whether another source, such as a bank, means the same name: blanks, the width of characters, capitals, and how the dot in a name is
 * written do not matter. */
bool ch_person_same_name(struct ch_arena *a, const char *name, const char *other) CH_MUST;

/* The role's name for people; NULL for another role. */
const char *ch_person_label(const char *role);

#endif
