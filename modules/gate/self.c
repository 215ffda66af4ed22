/* SPDX-License-Identifier: Apache-2.0
 * The account that sends the request: its row, and its profile and phone number in the clear. */
#include "modules/gate/gate.h"

#include <string.h>

enum ch_err gate_self_read(struct ch_req *r, struct gate_self *self)
{
    struct ch_json *profile = NULL;
    struct ch_bytes plain;
    struct ch_rows rows;

    enum ch_err e = ch_run(r, CH_CALL0(&gate_my_account), &rows);
    if (e != CH_OK)
        return e;
    if (rows.n != 1)
        return ch_fail(r, CH_E_UNAUTHENTICATED, "no account");
    *self = (struct gate_self){.id = ch_col(&rows, 0, "id"),
                               .mask = ch_col(&rows, 0, "phone_mask"),
                               .created_at = ch_col(&rows, 0, "created_at"),
                               .has_password = ch_col_bool(&rows, 0, "has_password"),
                               .phone = ch_p_bytes(ch_col_bytes(&rows, r->a, 0, "phone_hash")),
                               .phone_encrypted = ch_col_bytes(&rows, r->a, 0, "phone_encrypted")};
    struct ch_bytes encrypted = ch_col_bytes(&rows, r->a, 0, "profile");
    if (encrypted.p != NULL && (!ch_decrypt(ch_ring(), r->a, "account.profile", self->id, encrypted, &plain) ||
                                ch_json_parse(r->a, plain, &profile, NULL) != CH_JSON_OK))
        return ch_fail(r, CH_E_INTERNAL, "profile of %s does not open", self->id);
    self->profile = profile;
    return CH_OK;
}

enum ch_err gate_self_phone(struct ch_req *r, const struct gate_self *self, const char **phone)
{
    struct ch_bytes plain;

    if (!ch_decrypt(ch_ring(), r->a, "account.phone", self->id, self->phone_encrypted, &plain))
        return ch_fail(r, CH_E_INTERNAL, "phone of %s does not open", self->id);
    *phone = (const char *)plain.p;
    return CH_OK;
}
