/* SPDX-License-Identifier: Apache-2.0
 * The legal person in place of the bank account: a link for the legal person's own phone, whose page and checks belong to
 * module identity. The form names the legal person; if the form has no such fields, the applicant names that person here. */
#include "modules/finauth/finauth.h"

#include "core/base/random.h"
#include "core/form/person.h"
#include "core/form/rule.h"
#include "core/order/order.h"

#include <string.h>

static const struct ch_field legal_fields[] = {
    CH_IN_TEXT(struct finauth_legal_in, legal_name, CH_OPTIONAL, 2, 60, ch_rule_name),
    CH_IN_TEXT(struct finauth_legal_in, legal_id, CH_OPTIONAL, 18, 18, ch_rule_idcard),
    CH_IN_TEXT(struct finauth_legal_in, legal_mobile, CH_OPTIONAL, 11, 11, ch_rule_mobile),
};
const struct ch_input finauth_legal_body = CH_INPUT(struct finauth_legal_in, legal_fields);

static bool is_complete(const struct finauth_legal_in *p)
{
    return p->legal_name != NULL && p->legal_id != NULL && p->legal_mobile != NULL;
}

static const char *masked_person(struct ch_arena *a, const struct finauth_legal_in *p)
{
    return ch_printf(a, "%s %s", ch_rule_mask_name(a, p->legal_name), ch_rule_mask_id(a, p->legal_id));
}

static struct ch_bytes encrypt_person(struct ch_req *r, const char *order, const struct finauth_legal_in *p)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "legal_name", p->legal_name);
    ch_jw_text(&w, "legal_id", p->legal_id);
    ch_jw_text(&w, "legal_mobile", p->legal_mobile);
    ch_jw_end_object(&w);
    const char *json = ch_jw_done(&w);
    return ch_encrypt(ch_ring(), r->a, CH_LEGAL_PERSON, order, CH_BYTES(json, strlen(json)));
}

/* Reads the state of the authentication, and the legal person as the form names it; members are NULL if it does not. */
static enum ch_err read_legal_person(struct ch_req *r, const char *order, struct ch_rows *rows,
                                     struct finauth_legal_in *person)
{
    struct ch_json *form;

    enum ch_err e = ch_run(r, CH_CALL(&finauth_legal_view, ch_p_text(order)), rows);
    if (e == CH_OK && rows->n != 1)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这个业务单。");
    if (e == CH_OK)
        e = ch_order_form(r, order, ch_col_bytes(rows, r->a, 0, "form"), &form);
    if (e == CH_OK)
        *person = (struct finauth_legal_in){ch_json_text(form, "legal_name"), ch_json_text(form, "legal_id"),
                                            ch_json_text(form, "legal_mobile")};
    return e;
}

enum ch_err finauth_legal(struct ch_req *r)
{
    struct finauth_legal_in person = {0};
    struct ch_rows rows;
    struct ch_jw w;

    enum ch_err e = read_legal_person(r, ch_var(r, "id"), &rows, &person);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_bool(&w, "asked", !is_complete(&person) && !ch_col_bool(&rows, 0, "known"));
    ch_jw_text(&w, "person", is_complete(&person) ? masked_person(r->a, &person) : NULL);
    ch_jw_raw(&w, "progress", ch_col(&rows, 0, "out"));
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

/* Refuses a request that names the legal person only in part, with an error at each field that is missing. */
static enum ch_err refuse_incomplete(struct ch_req *r, const struct finauth_legal_in *p)
{
    if (p->legal_name == NULL)
        ch_wrong(r, "/legal_name", "required", "请填写法定代表人姓名。");
    if (p->legal_id == NULL)
        ch_wrong(r, "/legal_id", "required", "请填写法定代表人身份证号码。");
    if (p->legal_mobile == NULL)
        ch_wrong(r, "/legal_mobile", "required", "请填写法定代表人手机号码。");
    return ch_fail(r, CH_E_INVALID, "no legal person");
}

/* Makes the link. `person` is NULL when an earlier link has already stored who has to authenticate. */
static enum ch_err start_authentication(struct ch_req *r, const char *order, const struct finauth_legal_in *person)
{
    unsigned char hash[CH_SHA256_BYTES];
    struct ch_rows rows;

    const char *token = ch_session_token(r, hash);
    const struct ch_param data = person != NULL ? ch_p_bytes(encrypt_person(r, order, person)) : ch_p_null();
    enum ch_err e = ch_run_row(r,
                               CH_CALL(&finauth_legal_start, ch_p_text(ch_uuid7(r->a)), ch_p_text(order),
                                       ch_p_bytes(CH_BYTES(hash, sizeof hash)), data,
                                       ch_p_text(person != NULL ? masked_person(r->a, person) : NULL)),
                               &rows);
    return e == CH_OK ? ch_reply_link(r, "phone", token, ch_col(&rows, 0, "expires_at")) : e;
}

enum ch_err finauth_legal_link(struct ch_req *r)
{
    const struct finauth_legal_in *given = r->in;
    const char *order = ch_var(r, "id");
    struct finauth_legal_in person = {0};
    struct ch_rows rows;

    enum ch_err e = read_legal_person(r, order, &rows, &person);
    if (e != CH_OK)
        return e;
    if (!ch_col_bool(&rows, 0, "open"))
        return ch_fail_say(r, CH_E_CONFLICT, "现在不能进行法人认证，请刷新后再看。");
    if (is_complete(&person))
        return start_authentication(r, order, &person);
    if (is_complete(given))
        return start_authentication(r, order, given);
    return ch_col_bool(&rows, 0, "known") ? start_authentication(r, order, NULL) : refuse_incomplete(r, given);
}
