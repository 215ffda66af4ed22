/* SPDX-License-Identifier: Apache-2.0
 * Finds the people in a form by their role. */
#include "core/form/person.h"

#include "core/base/text.h"

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

/* The beginning of `s` that is left out of a name (*as is ""), or is the dot in it ("."); its length, 0 for anything else. */
static size_t sign_in_name(const char *s, const char **as)
{
    static const struct {
        const char *sign, *as;
    } signs[] = {
        {" ", ""},       {"\t", ""},      {"\u3000", ""},  {"\u00a0", ""},  {".", "."},      {"\u00b7", "."},
        {"\u2022", "."}, {"\u2027", "."}, {"\u30fb", "."}, {"\uff65", "."}, {"\u3002", "."},
    };

    for (size_t i = 0; i < CH_COUNT(signs); i++)
        if (strncmp(s, signs[i].sign, strlen(signs[i].sign)) == 0) {
            *as = signs[i].as;
            return strlen(signs[i].sign);
        }
    return 0;
}

static const char *name_alike(struct ch_arena *a, const char *name)
{
    char *out = ch_text_folded(a, ch_text_nfc(a, name)), *to = out;

    for (const char *s = out; *s != '\0';) {
        const char *as;
        size_t n = sign_in_name(s, &as);
        if (n == 0)
            *to++ = *s++;
        else if (*as != '\0')
            *to++ = *as;
        s += n;
    }
    *to = '\0';
    return out;
}

bool ch_person_same_name(struct ch_arena *a, const char *name, const char *other)
{
    const char *alike = name_alike(a, name);
    return *alike != '\0' && strcmp(alike, name_alike(a, other)) == 0;
}
