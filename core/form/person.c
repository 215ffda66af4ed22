/* SPDX-License-Identifier: Apache-2.0
 * Finds the people in a form by their role. */
#include "core/form/person.h"

#include <string.h>

static const struct role {
    const char *word, *label, *name, *id_no, *mobile;
} roles[] = {
    {"agent", "经办人", "agent_name", "agent_id", "agent_mobile"},
    {"holder", "申请人", "holder_name", "holder_id", "holder_mobile"},
    {"legal", "法定代表人", "legal_name", "legal_id", "legal_mobile"},
};

static const struct role *find_role(const char *word)
{
    for (size_t i = 0; word != NULL && i < CH_COUNT(roles); i++)
        if (strcmp(roles[i].word, word) == 0)
            return &roles[i];
    return NULL;
}

const char *ch_person_label(const char *role)
{
    const struct role *r = find_role(role);
    return r != NULL ? r->label : NULL;
}

bool ch_person_of(const struct ch_json *form, const char *role, struct ch_person *out)
{
    const struct role *r = find_role(role);

    if (r == NULL)
        return false;
    *out = (struct ch_person){r->label, ch_json_text(form, r->name), ch_json_text(form, r->id_no),
                              ch_json_text(form, r->mobile)};
    return out->name != NULL && out->id_no != NULL;
}
