/* SPDX-License-Identifier: Apache-2.0
 * Short messages and e-mails. A message is composed from its encrypted content or from the order that it is about, and sent under
 * an id of our own. */
#include "programs/runner/runner.h"

#include "core/base/config.h"
#include "core/format/letter.h"
#include "core/gateway/mail/mail.h"
#include "core/gateway/tencent/sms.h"

#include <string.h>

struct letter {
    struct ch_arena *a;
    const char *phone;       /* NULL for an e-mail */
    const char *email;       /* NULL for a short message, or when the form has no address */
    struct ch_json *content; /* {"phone","code"} of a log-in code, or NULL */
    struct ch_json *detail;  /* the data of the event, or NULL */
    const struct ch_rows *rows;
    const char *pin; /* or the PUK */
};

/* The value of a parameter that a template names; "" if there is none. */
static const char *parameter_value(const struct letter *l, const char *name)
{
    const char *v = NULL;

    if (strcmp(name, "code") == 0)
        v = ch_json_text(l->content, "code");
    else if (strcmp(name, "order") == 0)
        v = ch_col(l->rows, 0, "number");
    else if (strcmp(name, "project") == 0)
        v = ch_col(l->rows, 0, "project_name");
    else if (strcmp(name, "pin") == 0 || strcmp(name, "puk") == 0)
        v = l->pin;
    else if (strcmp(name, "hotline") == 0)
        v = ch_conf(CONF_BRAND_HOTLINE);
    else if (strcmp(name, "link") == 0 && ch_json_text(l->detail, "path") != NULL)
        v = ch_printf(l->a, "%s%s", ch_conf(CONF_ORIGIN), ch_json_text(l->detail, "path"));
    else
        v = ch_json_text(l->detail, name);
    return v != NULL ? v : "";
}

static struct ch_json *parse_json(struct work *w, struct ch_bytes text)
{
    struct ch_json *out = NULL;
    return text.p != NULL && ch_json_parse(w->a, text, &out, NULL) == CH_JSON_OK ? out : NULL;
}

/* Where a message about an order goes: the "mobile" or "email" of the person in the form who is to receive it. */
static const char *recipient_address(struct work *w, const struct ch_rows *rows, const char *by)
{
    const char *order = ch_col(rows, 0, "order_id");
    const struct ch_json *form = order != NULL ? open_order_form(w, order, ch_col_bytes(rows, w->a, 0, "form")) : NULL;
    const char *holder = ch_json_text(form, ch_printf(w->a, "holder_%s", by));
    const char *agent = ch_json_text(form, ch_printf(w->a, "agent_%s", by));
    bool to_holder = strcmp(ch_col(rows, 0, "recipient"), "holder") == 0;

    if (to_holder || agent == NULL) /* a natural person has no agent */
        return holder != NULL ? holder : agent;
    return agent;
}

/* Where a message goes: to the phone of the content, to one of an account's two numbers, or to the person of an order. */
static const char *recipient_phone(struct work *w, const struct ch_rows *rows, const struct ch_json *content)
{
    const char *rebinding = ch_col(rows, 0, "rebinding");

    if (content != NULL)
        return ch_json_text(content, "phone");
    if (rebinding == NULL)
        return recipient_address(w, rows, "mobile");
    return ch_json_text(open_rebinding_phones(w, rebinding, ch_col_bytes(rows, w->a, 0, "phones")),
                        ch_col(rows, 0, "recipient"));
}

/* Decrypts the PIN or PUK if the message carries one. */
static bool open_message_pin(struct work *w, struct letter *l)
{
    const char *order = ch_col(l->rows, 0, "order_id"), *event = ch_col(l->rows, 0, "event");
    bool puk = strcmp(event, "puk") == 0;

    if (strcmp(event, "pin") != 0 && !puk)
        return true;
    if (order == NULL)
        return false;
    size_t n = strlen(l->phone);
    const char *masked = n < 8 ? "***" : ch_printf(w->a, "%.3s****%s", l->phone, l->phone + n - 4);
    l->pin = puk ? decrypt_puk(w, ch_json_text(l->detail, "token"), masked) : decrypt_pin(w, order, NULL, "sms", masked);
    return l->pin != NULL;
}

static bool is_mail(const struct ch_rows *rows)
{
    return strcmp(ch_col(rows, 0, "channel"), "email") == 0;
}

static bool compose(struct work *w, const struct ch_rows *rows, struct letter *l)
{
    struct ch_bytes encrypted = ch_col_bytes(rows, w->a, 0, "content"), plain = {NULL, 0};
    const char *detail = ch_col(rows, 0, "detail");

    if (encrypted.p != NULL && !ch_decrypt(runner_ring(), w->a, "message.content", w->subject, encrypted, &plain))
        return false;
    *l = (struct letter){.a = w->a,
                         .rows = rows,
                         .content = parse_json(w, plain),
                         .detail = detail != NULL ? parse_json(w, CH_BYTES(detail, strlen(detail))) : NULL};
    if (is_mail(rows)) {
        l->email = recipient_address(w, rows, "email");
        return true;
    }
    l->phone = recipient_phone(w, rows, l->content);
    return l->phone != NULL && open_message_pin(w, l);
}

static enum end record_sent(struct work *w, const char *serial, const char *why)
{
    const struct ch_call outcome =
        CH_CALL(&runner_message_sent, ch_p_text(w->subject), ch_p_text(w->made), ch_p_text(serial), ch_p_text(why));
    return finish_job(w, &outcome, 1);
}

static const char *letter_word(void *letter, const char *name)
{
    return parameter_value(letter, name);
}

/* Every attempt has the same Message-ID, by which a mail program recognizes a duplicate. */
static enum ch_err send_mail(struct work *w, struct letter *l, struct ch_answer *answer)
{
    const char *subject = ch_letter_fill(w->a, ch_col(l->rows, 0, "subject"), letter_word, l);
    const char *body = ch_letter_fill(w->a, ch_col(l->rows, 0, "body"), letter_word, l),
               *at = strchr(ch_conf(CONF_MAIL_FROM), '@');
    const struct ch_mail mail = {
        .to = l->email,
        .subject = subject,
        .text = ch_letter_text(w->a, body),
        .html = ch_letter_html(w->a, subject, body),
        .message_id = ch_printf(w->a, "%s%s", w->subject, at != NULL ? at : "@"),
    };
    return ch_mail_send(w->a, &w->fault, &mail, answer);
}

static enum ch_err send_sms(struct work *w, const struct letter *l, struct ch_answer *answer, const char **serial)
{
    struct ch_sms sms = {.phone = l->phone,
                         .sign = ch_conf(CONF_BRAND_SHORT),
                         .template_id = ch_col(l->rows, 0, "vendor_id"),
                         .session = w->subject};
    const char *names = ch_col(l->rows, 0, "parameters");
    const struct ch_json *list = names != NULL ? parse_json(w, CH_BYTES(names, strlen(names))) : NULL;
    size_t n = 0;

    for (const struct ch_json *p = list != NULL ? list->first : NULL; p != NULL && n < CH_SMS_MAX_PARAMS; p = p->next)
        sms.params[n++] = parameter_value(l, p->text);
    return ch_sms_send(w->a, &w->fault, &sms, answer, serial);
}

/* The reason why a message cannot be sent at all, for staff; NULL when it can be sent. */
static const char *hindrance(const struct letter *l)
{
    if (!is_mail(l->rows))
        return NULL;
    return l->email == NULL ? "no_address" : *ch_conf(CONF_MAIL_URL) == '\0' ? "no_mail_server" : NULL;
}

enum end job_message(struct work *w)
{
    struct ch_rows rows;
    struct letter l;
    struct ch_answer answer = {.code = NULL};
    const char *serial = NULL;

    if (!read_job(w, CH_CALL(&runner_message_work, ch_p_text(w->subject), ch_p_text(w->made)), &rows))
        return finish_unread(w);
    if (ch_col(&rows, 0, "vendor_id") == NULL && ch_col(&rows, 0, "body") == NULL)
        return record_sent(w, NULL, "no template for this event");
    if (!compose(w, &rows, &l))
        return retry_job(w, "message cannot be composed");
    if (hindrance(&l) != NULL)
        return record_sent(w, NULL, hindrance(&l));
    enum ch_err e = is_mail(&rows) ? send_mail(w, &l, &answer) : send_sms(w, &l, &answer, &serial);
    if (e != CH_OK || answer.outcome == CH_UNKNOWN) {
        if (strcmp(ch_col(&rows, 0, "event"), "pin") != 0)
            w->most = 8; /* tomorrow a message is of no use any more, unless it carries a PIN; a PUK is asked for again */
        return retry_job(w, answer.code);
    }
    return answer.outcome == CH_ACCEPTED ? record_sent(w, serial, NULL) : record_sent(w, NULL, answer.code);
}
