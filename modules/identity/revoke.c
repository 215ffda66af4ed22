/* SPDX-License-Identifier: Apache-2.0
 * The owner of an order wants its certificate revoked: a link for the phone, on which a person of the order authenticates. The answer of
 * the runner revokes it. */
#include "modules/identity/identity.h"

#include "core/base/random.h"
#include "core/form/person.h"
#include "core/form/rule.h"

static const char *rule_role(const char *s)
{
    return ch_person_label(s) != NULL ? NULL : "请选择由谁认证。";
}

static const struct ch_field revoke_fields[] = {
    CH_IN_TEXT(struct identity_revoke_in, serial, CH_REQUIRED, 1, 64, ch_rule_serial),
    CH_IN_TEXT(struct identity_revoke_in, role, CH_REQUIRED, 1, 16, rule_role),
    CH_IN_TEXT(struct identity_revoke_in, reason, CH_REQUIRED, 1, 32, NULL),
};
const struct ch_input identity_revoke_body = CH_INPUT(struct identity_revoke_in, revoke_fields);

/* Refuses a role that the order's form names nobody for. */
static enum ch_err check_role(struct ch_req *r, const char *order, const char *serial, const char *role)
{
    struct ch_person p;
    struct ch_json *form;
    struct ch_rows rows;

    enum ch_err e = ch_run_row(r, CH_CALL(&identity_revoke_form, ch_p_text(order), ch_p_text(serial)), &rows);
    if (e == CH_OK)
        e = ch_order_form(r, ch_col(&rows, 0, "order_id"), ch_col_bytes(&rows, r->a, 0, "form"), &form);
    if (e != CH_OK)
        return e;
    return ch_person_of(form, role, &p)
               ? CH_OK
               : ch_refuse(&r->fault, CH_E_INVALID, "/role", "申请信息中没有这个人，请选择由其他人认证。");
}

enum ch_err identity_revoke(struct ch_req *r)
{
    const struct identity_revoke_in *in = r->in;
    const char *order = ch_var(r, "id"), *serial = ch_serial_bare(r->a, in->serial);
    unsigned char hash[CH_SHA256_BYTES];
    struct ch_rows rows;

    enum ch_err e = check_role(r, order, serial, in->role);
    if (e != CH_OK)
        return e;
    const char *token = ch_session_token(r, hash);
    e = ch_run_row(r,
                   CH_CALL(&identity_revoke_start, ch_p_text(ch_uuid7(r->a)), ch_p_text(order), ch_p_text(serial),
                           ch_p_text(in->role), ch_p_text(in->reason), ch_p_bytes(CH_BYTES(hash, sizeof hash))),
                   &rows);
    return e == CH_OK ? ch_reply_link(r, "phone", token, ch_col(&rows, 0, "expires_at")) : e;
}
