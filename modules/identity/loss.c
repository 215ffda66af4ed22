/* SPDX-License-Identifier: Apache-2.0
 * The loss report of somebody who does not own the account: for a serial number and a name there is a link for the phone, on
 * which that person authenticates. The answer is the same whether they belong to a certificate or not. */
#include "modules/identity/identity.h"

#include "core/base/config.h"
#include "core/base/random.h"
#include "core/form/person.h"
#include "core/form/rule.h"

#include <string.h>

static const char *rule_role(const char *s)
{
    return ch_person_label(s) != NULL ? NULL : "请选择您的身份。";
}

static const char *rule_kind(const char *s)
{
    return strcmp(s, "hold") == 0 || strcmp(s, "release") == 0 ? NULL : "请选择冻结或解除冻结。";
}

static const struct ch_field loss_fields[] = {
    CH_IN_TEXT(struct identity_loss_in, serial, CH_REQUIRED, 1, 64, ch_rule_serial),
    CH_IN_TEXT(struct identity_loss_in, role, CH_REQUIRED, 1, 16, rule_role),
    CH_IN_TEXT(struct identity_loss_in, name, CH_REQUIRED, 1, 60, ch_rule_name),
    CH_IN_TEXT(struct identity_loss_in, kind, CH_REQUIRED, 1, 16, rule_kind),
};
const struct ch_input identity_loss_body = CH_INPUT(struct identity_loss_in, loss_fields);

/* Finds the certificate with the serial number, if the person with the given role has the given name; otherwise NULL. */
static enum ch_err find_certificate(struct ch_req *r, const struct identity_loss_in *in, const char *serial,
                                    const char **certificate)
{
    struct ch_person p;
    struct ch_json *form;
    struct ch_rows rows;

    *certificate = NULL;
    enum ch_err e = ch_run(r, CH_CALL(&identity_loss_find, ch_p_text(serial)), &rows);
    if (e != CH_OK || rows.n == 0)
        return e;
    e = ch_order_form(r, ch_strdup(r->a, ch_col_text(&rows, 0, "order_id")), ch_col_bytes(&rows, r->a, 0, "form"), &form);
    if (e == CH_OK && ch_person_of(form, in->role, &p) && strcmp(p.name, in->name) == 0)
        *certificate = ch_strdup(r->a, ch_col_text(&rows, 0, "certificate"));
    return e;
}

enum ch_err identity_loss(struct ch_req *r)
{
    const struct identity_loss_in *in = r->in;
    unsigned char hash[CH_SHA256_BYTES];
    const char *certificate, *serial = ch_serial_bare(r->a, in->serial);
    struct ch_rows rows;

    enum ch_err e = find_certificate(r, in, serial, &certificate);
    if (e != CH_OK)
        return e;
    const char *token = ch_session_token(r, hash);
    e = ch_run_row(r,
                   CH_CALL(&identity_loss_start, ch_p_text(ch_uuid7(r->a)), ch_p_text(certificate), ch_p_text(in->role),
                           ch_p_text(in->kind), ch_p_text(serial), ch_p_bytes(CH_BYTES(hash, sizeof hash)),
                           ch_p_int(r->a, ch_conf_int(CONF_LOSS_LIMIT_IP))),
                   &rows);
    return e == CH_OK ? ch_reply_link(r, "phone", token, ch_col(&rows, 0, "expires_at")) : e;
}
