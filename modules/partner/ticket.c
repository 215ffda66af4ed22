/* SPDX-License-Identifier: Apache-2.0
 * Tickets: the platform leaves here, encrypted, what it knows of a unit or a person, and sends the person to the hall with a link
 * that carries only the ticket's token. */
#include "modules/partner/partner.h"

#include "core/base/config.h"
#include "core/base/random.h"
#include "core/form/rule.h"
#include "core/order/project.h"
#include "core/order/ticket.h"

#include <string.h>

static const char *rule_reference(const char *s)
{
    return strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-") == strlen(s)
               ? NULL
               : "只能含字母、数字和“.”“_”“:”“-”。";
}

static const struct ch_field ticket_fields[] = {
    CH_IN_TEXT(struct partner_ticket_in, business, CH_OPTIONAL, 1, 32, NULL),
    CH_IN_TEXT(struct partner_ticket_in, cert_type, CH_REQUIRED, 1, 32, NULL),
    CH_IN_INT(struct partner_ticket_in, years, CH_OPTIONAL, 1, 5),
    CH_IN_TEXT(struct partner_ticket_in, reference, CH_OPTIONAL, 1, 64, rule_reference),
    CH_IN_OBJECT(struct partner_ticket_in, form, CH_OPTIONAL),
};
const struct ch_input partner_ticket_body = CH_INPUT(struct partner_ticket_in, ticket_fields);

/* Makes a form as an applicant would send it, in which certificate type and years are fields. */
static enum ch_err whole_form(struct ch_req *r, const struct partner_caller *caller, struct ch_json **out)
{
    const struct partner_ticket_in *in = r->in;
    const char *ours = ch_json_text(caller->words, in->cert_type);
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "cert_type", ours != NULL ? ours : in->cert_type);
    if (in->years != 0)
        ch_jw_int(&w, "years", in->years);
    for (const struct ch_json *m = in->form != NULL ? in->form->first : NULL; m != NULL; m = m->next) {
        if (strcmp(m->key, "cert_type") == 0 || strcmp(m->key, "years") == 0)
            ch_wrong(r, ch_printf(r->a, "/form/%s", m->key), "unknown", "证书类型和年限写在 form 之外。");
        else
            ch_jw_node(&w, m->key, m);
    }
    ch_jw_end_object(&w);
    const char *text = ch_jw_done(&w);
    if (r->errors != NULL)
        return ch_fail(r, CH_E_INVALID, "ticket");
    return ch_json_parse(r->a, CH_BYTES(text, strlen(text)), out, NULL) == CH_JSON_OK
               ? CH_OK
               : ch_fail(r, CH_E_INTERNAL, "own JSON unreadable");
}

/* Stores the form as a ticket and answers with the link that the platform sends the person to. */
static enum ch_err make_ticket(struct ch_req *r, const struct partner_caller *caller, const char *form)
{
    const struct partner_ticket_in *in = r->in;
    const char *id = ch_uuid7(r->a), *made;
    unsigned char hash[CH_SHA256_BYTES];
    const char *token = ch_session_token(r, hash);
    struct ch_json *ticket;
    struct ch_jw w;

    struct ch_bytes encrypted = ch_encrypt(ch_ring(), r->a, CH_TICKET_FORM, id, CH_BYTES(form, strlen(form)));
    enum ch_err e = partner_run(r, caller,
                                CH_CALL(&partner_ticket_new, ch_p_text(id), ch_p_bytes(CH_BYTES(hash, sizeof hash)),
                                        ch_p_text(in->business), ch_p_text(in->reference != NULL ? in->reference : ""),
                                        ch_p_bytes(encrypted)),
                                &made);
    if (e != CH_OK)
        return e;
    if (ch_json_parse(r->a, CH_BYTES(made, strlen(made)), &ticket, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "ticket unreadable");
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "ticket", token);
    ch_jw_text(&w, "entry", ch_printf(r->a, "%s%s&ticket=%s", ch_conf(CONF_ORIGIN), ch_json_text(ticket, "entry"), token));
    ch_jw_text(&w, "expires_at", ch_json_text(ticket, "expires_at"));
    ch_jw_end_object(&w);
    return ch_reply_json(r, 201, ch_jw_done(&w));
}

enum ch_err partner_ticket(struct ch_req *r)
{
    struct partner_caller caller;
    struct ch_form_spec spec;
    struct ch_json *form;
    const struct partner_ticket_in *in;
    const char *kept;

    enum ch_err e = partner_check(r, &caller);
    if (e == CH_OK)
        e = ch_input_parse(r, &partner_ticket_body);
    in = r->in;
    if (e == CH_OK)
        e = ch_project_spec(r, in->business, &spec);
    if (e == CH_OK)
        e = whole_form(r, &caller, &form);
    if (e == CH_OK)
        e = ch_ticket_check(r, &spec, form, &kept);
    return e == CH_OK ? make_ticket(r, &caller, kept) : e;
}
