/* SPDX-License-Identifier: Apache-2.0
 * Electronic invoices and red letters at Nuonuo. Our number is committed before the call, and Nuonuo accepts a number only once,
 * so a request in doubt is simply repeated. Its result is queried, whatever a callback says. */
#include "programs/runner/runner.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/form/form.h"
#include "core/gateway/nuonuo/nuonuo.h"

#include <string.h>

#define UNKNOWN_NUMBER "E9500" /* Nuonuo's code for a number that it does not know */
#define MOST_QUERIES \
    300 /* more than ten days, because a clerk must be logged in at the tax bureau for an invoice to be issued */
#define EARLY_QUERIES 8 /* during the first queries Nuonuo may not know yet what it has accepted */

struct job_data {
    struct ch_rows row;
    const struct ch_json *form, *buyer;
};

static const char *col(const struct job_data *d, const char *name)
{
    return ch_col(&d->row, 0, name);
}

static bool is_state(const struct job_data *d, const char *state)
{
    return strcmp(col(d, "state"), state) == 0;
}

/* --- whether the applicant wants an invoice --- */

enum end job_invoice_wanted(struct work *w)
{
    struct ch_rows row;

    if (!read_job(w, CH_CALL(&runner_invoice_wanted_work, ch_p_text(w->subject)), &row))
        return finish_unread(w);
    struct ch_json *form = open_order_form(w, w->subject, ch_col_bytes(&row, w->a, 0, "form"));
    if (form == NULL)
        return retry_job(w, "the form does not open");
    const struct ch_json *wanted = ch_json_get(form, "invoice_wanted");
    const struct ch_call ask = CH_CALL(&runner_invoice_ask, ch_p_text(w->subject));
    return finish_job(w, &ask, wanted != NULL && wanted->truth ? 1 : 0);
}

/* --- requesting the invoice --- */

/* The buyer that finance has entered in place of the form's, or NULL. */
static const struct ch_json *open_buyer(struct work *w, const struct job_data *d)
{
    struct ch_bytes encrypted = ch_col_bytes(&d->row, w->a, 0, "buyer"), plain;
    struct ch_json *buyer = NULL;

    if (encrypted.p == NULL || !ch_decrypt(runner_ring(), w->a, "invoice.buyer", w->subject, encrypted, &plain) ||
        ch_json_parse(w->a, plain, &buyer, NULL) != CH_JSON_OK)
        return NULL;
    return buyer;
}

/* Reads the invoice and its order's form. False when the job ends here, with *ended. */
static bool read_invoice(struct work *w, struct job_data *d, enum end *ended)
{
    if (!read_job(w, CH_CALL(&runner_invoice_work, ch_p_text(w->subject)), &d->row)) {
        *ended = finish_unread(w);
        return false;
    }
    d->form = open_order_form(w, col(d, "order_id"), ch_col_bytes(&d->row, w->a, 0, "form"));
    d->buyer = open_buyer(w, d);
    if (d->form == NULL)
        *ended = retry_job(w, "the form does not open");
    return d->form != NULL;
}

static const char *title_part(const struct job_data *d, const char *key)
{
    const char *s = ch_json_text(d->buyer != NULL ? d->buyer : d->form, key);
    return s != NULL && *s != '\0' ? s : NULL;
}

/* One line for each part of the price, under the name that the applicant has chosen for the service: 数字证书服务费, 介质服务费. The
 * courier's fee keeps its own name. */
static struct ch_invoice_line *invoice_lines(struct work *w, const struct job_data *d, size_t *n)
{
    const char *parts = col(d, "parts"), *wish = ch_json_text(d->form, "invoice_purpose");
    const char *purpose = ch_form_option_label("invoice_purpose", wish);
    struct ch_invoice_line *lines;
    struct ch_json *list;
    int64_t fen;

    *n = 0;
    if (parts == NULL || ch_json_parse(w->a, CH_BYTES(parts, strlen(parts)), &list, NULL) != CH_JSON_OK)
        return NULL;
    lines = ch_alloc_array(w->a, list->count + 1, sizeof *lines);
    for (const struct ch_json *p = list->first; p != NULL; p = p->next) {
        const char *part = ch_json_text(p, "part"), *name = ch_json_text(p, "name");
        if (!ch_json_int(p, "fen", &fen) || fen < 1 || part == NULL)
            continue;
        if (strcmp(part, "courier") != 0 && purpose != NULL)
            name = ch_printf(w->a, "%s（%s）", purpose, name);
        lines[(*n)++] = (struct ch_invoice_line){name, fen};
    }
    return lines;
}

static enum end record_failure(struct work *w, const char *why, const char *number)
{
    const struct ch_call outcome =
        CH_CALL(&runner_invoice_failed, ch_p_text(w->subject), ch_p_text(why), ch_p_text(number));
    return finish_job(w, &outcome, 1);
}

static enum end record_accepted(struct work *w, const char *serial)
{
    const struct ch_call outcome = CH_CALL(&runner_invoice_taken, ch_p_text(w->subject), ch_p_text(serial));
    return finish_job(w, &outcome, 1);
}

static enum ch_err request_invoice(struct work *w, const struct job_data *d, struct ch_answer *answer, const char **serial)
{
    struct ch_invoice invoice = {
        .order_no = col(d, "request_no"),
        .kind = CH_INVOICE_PLAIN,
        .buyer = title_part(d, "invoice_title"),
        .tax_no = title_part(d, "invoice_tax_no"),
        .remark = ch_printf(w->a, "业务单号 %s", col(d, "order_number")),
        .total_fen = ch_col_int(&d->row, 0, "total"),
    };
    invoice.lines = invoice_lines(w, d, &invoice.n);
    if (invoice.buyer == NULL) {
        *answer = (struct ch_answer){CH_REFUSED, "no_title", "申请表没有填写发票抬头", ""};
        return CH_OK;
    }
    return ch_nuonuo_request(w->a, &w->fault, &invoice, answer, serial);
}

/* Requests a red letter, which always cancels the whole invoice. */
static enum ch_err request_red_letter(struct work *w, const struct job_data *d, struct ch_answer *answer, const char **serial)
{
    const struct ch_invoice_reversal reversal = {
        .order_no = col(d, "request_no"),
        .kind = CH_INVOICE_PLAIN,
        .number = col(d, "blue_number"),
        .serial = col(d, "blue_serial"),
    };
    return ch_nuonuo_red(w->a, &w->fault, &reversal, answer, serial);
}

/* Asks Nuonuo to issue again an invoice that it accepted before but could not issue. If it says that there is nothing to issue
 * again, that counts as accepted, and the query finds out why. */
static enum ch_err request_reissue(struct work *w, const struct job_data *d, struct ch_answer *answer)
{
    enum ch_err e = ch_nuonuo_again(w->a, &w->fault, col(d, "request_no"), NULL, answer);

    if (e == CH_OK && answer->outcome == CH_REFUSED && strcmp(answer->code, UNKNOWN_NUMBER) != 0)
        answer->outcome = CH_ACCEPTED;
    return e;
}

static enum ch_err ask_nuonuo(struct work *w, const struct job_data *d, struct ch_answer *answer, const char **serial)
{
    *serial = "";
    if (ch_col_bool(&d->row, 0, "taken"))
        return request_reissue(w, d, answer);
    return ch_col_bool(&d->row, 0, "red") ? request_red_letter(w, d, answer, serial)
                                          : request_invoice(w, d, answer, serial);
}

/* The order was refunded meanwhile. An invoice that Nuonuo has never seen is dropped; one that it has accepted is followed up. */
static enum end end_refunded(struct work *w, const struct job_data *d)
{
    const struct ch_call dropped = CH_CALL(&runner_invoice_dropped, ch_p_text(w->subject));
    struct ch_answer answer = {.outcome = CH_UNKNOWN};
    struct ch_invoice_status status;

    if (w->attempts == 1 && !ch_col_bool(&d->row, 0, "taken"))
        return finish_job(w, &dropped, 1);
    if (ch_nuonuo_query(w->a, &w->fault, col(d, "request_no"), &answer, &status) != CH_OK || answer.outcome == CH_UNKNOWN)
        return retry_job(w, "invoice of a refunded order: no answer");
    return answer.outcome == CH_ACCEPTED ? record_accepted(w, status.serial) : finish_job(w, &dropped, 1);
}

enum end job_invoice(struct work *w)
{
    struct ch_answer answer = {.outcome = CH_UNKNOWN};
    struct job_data d;
    const char *serial;
    enum end ended;

    if (!read_invoice(w, &d, &ended))
        return ended;
    if (!is_state(&d, "asked"))
        return finish_job(w, NULL, 0);
    if (ch_col_bool(&d.row, 0, "dead"))
        return end_refunded(w, &d);
    enum ch_err e = ask_nuonuo(w, &d, &answer, &serial);
    if (e == CH_E_INVALID)
        return record_failure(w, "开票设置或金额有误，请联系系统管理员", NULL);
    if (e != CH_OK || answer.outcome == CH_UNKNOWN)
        return retry_job(w, "invoice: no answer");
    if (answer.outcome == CH_REFUSED)
        return record_failure(w, ch_printf(w->a, "%s（%s）", answer.message, answer.code), NULL);
    return record_accepted(w, serial);
}

/* --- querying the result --- */

/* A red letter has a negative amount. Nuonuo may omit the amount (INT64_MIN). */
static bool same_amount(const struct job_data *d, const struct ch_invoice_status *s)
{
    int64_t total = ch_col_int(&d->row, 0, "total");
    return s->total_fen == INT64_MIN || s->total_fen == (ch_col_bool(&d->row, 0, "red") ? -total : total);
}

static enum end record_issued(struct work *w, const struct ch_invoice_status *s)
{
    const char *at = s->issued > 0 ? ch_rfc3339(w->a, s->issued) : NULL;
    const struct ch_call outcome =
        CH_CALL(&runner_invoice_issued, ch_p_text(w->subject), ch_p_text(s->serial), ch_p_text(s->number),
                ch_p_text(s->pdf), ch_p_text(s->ofd), ch_p_text(s->xml), ch_p_text(at));
    return finish_job(w, &outcome, 1);
}

static enum end record_status(struct work *w, const struct job_data *d, const struct ch_invoice_status *s)
{
    switch (s->state) {
    case CH_INVOICE_DONE:
        return same_amount(d, s) ? record_issued(w, s)
                                 : record_failure(w, "开出的金额与业务单不一致，请人工核对", s->number);
    case CH_INVOICE_FAILED:
        return record_failure(w, *s->cause != '\0' ? s->cause : "开票服务未说明原因", NULL);
    case CH_INVOICE_VOID:
        return record_failure(w, "发票已在税务平台作废", s->number);
    case CH_INVOICE_WORKING:
        break;
    }
    return await_job(w, "the invoice is being issued", back_off_ms(w->attempts));
}

enum end job_invoice_query(struct work *w)
{
    struct ch_answer answer = {.outcome = CH_UNKNOWN};
    struct ch_invoice_status status;
    struct job_data d;
    enum end ended;

    w->most = MOST_QUERIES;
    if (!read_invoice(w, &d, &ended))
        return ended;
    if (!is_state(&d, "issuing"))
        return finish_job(w, NULL, 0);
    if (ch_nuonuo_query(w->a, &w->fault, col(&d, "request_no"), &answer, &status) != CH_OK || answer.outcome == CH_UNKNOWN)
        return retry_job_in(w, "invoice query: no answer", back_off_ms(w->attempts));
    if (answer.outcome == CH_ACCEPTED)
        return record_status(w, &d, &status);
    if (strcmp(answer.code, UNKNOWN_NUMBER) == 0 && w->attempts < EARLY_QUERIES)
        return retry_job_in(w, "Nuonuo does not know it yet", back_off_ms(w->attempts));
    return record_failure(w, ch_printf(w->a, "%s（%s）", answer.message, answer.code), NULL);
}
