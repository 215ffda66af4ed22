/* SPDX-License-Identifier: Apache-2.0
 * Electronic invoices and their red letters. Our number is committed before the call and Nuonuo takes a number once, so a
 * request in doubt is simply made again; what has come of it is asked for, whatever a callback says. */
#include "programs/runner/runner.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/form/form.h"
#include "core/gateway/nuonuo/nuonuo.h"

#include <string.h>

#define UNKNOWN_NUMBER "E9500"
#define LONGEST_WAIT_MS ((int64_t)3600 * 1000)
#define MOST_QUERIES 300   /* a good ten days: the clerk must be logged in at the tax bureau */
#define EARLY_QUERIES 8    /* so long Nuonuo may not know yet what it has taken */

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

/* --- whether one is wanted --- */

enum end job_invoice_wanted(struct work *w)
{
    struct ch_rows row;

    if (!read_work(w, CH_CALL(&runner_invoice_wanted_work, ch_p_text(w->subject)), &row))
        return w->fault.code == CH_OK ? finish(w, NULL, 0) : AGAIN;
    struct ch_json *form = open_form(w, w->subject, ch_col_bytes(&row, w->a, 0, "form"));
    if (form == NULL)
        return again(w, "the form does not open");
    const struct ch_json *wanted = ch_json_get(form, "invoice_wanted");
    const struct ch_call ask = CH_CALL(&runner_invoice_ask, ch_p_text(w->subject));
    return finish(w, &ask, wanted != NULL && wanted->truth ? 1 : 0);
}

/* --- ask --- */

/* The title that finance has put in its place, or NULL. */
static const struct ch_json *open_buyer(struct work *w, const struct job_data *d)
{
    struct ch_bytes encrypted = ch_col_bytes(&d->row, w->a, 0, "buyer"), plain;
    struct ch_json *buyer = NULL;

    if (encrypted.p == NULL || !ch_decrypt(runner_ring(), w->a, "invoice.buyer", w->subject, encrypted, &plain) ||
        ch_json_parse(w->a, plain, &buyer, NULL) != CH_JSON_OK)
        return NULL;
    return buyer;
}

/* False when the job ends here, as *ended says. */
static bool read_invoice(struct work *w, struct job_data *d, enum end *ended)
{
    if (!read_work(w, CH_CALL(&runner_invoice_work, ch_p_text(w->subject)), &d->row)) {
        *ended = w->fault.code == CH_OK ? finish(w, NULL, 0) : AGAIN;
        return false;
    }
    d->form = open_form(w, col(d, "order_id"), ch_col_bytes(&d->row, w->a, 0, "form"));
    d->buyer = open_buyer(w, d);
    if (d->form == NULL)
        *ended = again(w, "the form does not open");
    return d->form != NULL;
}

static const char *title_part(const struct job_data *d, const char *key)
{
    const char *s = ch_json_text(d->buyer != NULL ? d->buyer : d->form, key);
    return s != NULL && *s != '\0' ? s : NULL;
}

/* One line a part of the price, named as the applicant wished the service to be named: 数字证书服务费, 介质服务费. The courier's
 * fee keeps its own name. */
static struct ch_invoice_line *lines_of(struct work *w, const struct job_data *d, size_t *n)
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

static enum end failed(struct work *w, const char *why, const char *number)
{
    const struct ch_call outcome = CH_CALL(&runner_invoice_failed, ch_p_text(w->subject), ch_p_text(why), ch_p_text(number));
    return finish(w, &outcome, 1);
}

static enum end taken(struct work *w, const char *serial)
{
    const struct ch_call outcome = CH_CALL(&runner_invoice_taken, ch_p_text(w->subject), ch_p_text(serial));
    return finish(w, &outcome, 1);
}

static enum ch_err request(struct work *w, const struct job_data *d, struct ch_answer *answer, const char **serial)
{
    struct ch_invoice invoice = {
        .order_no = col(d, "request_no"),
        .kind = CH_INVOICE_PLAIN,
        .buyer = title_part(d, "invoice_title"),
        .tax_no = title_part(d, "invoice_tax_no"),
        .remark = ch_printf(w->a, "业务单号 %s", col(d, "order_number")),
        .total_fen = ch_col_int(&d->row, 0, "total"),
    };
    invoice.lines = lines_of(w, d, &invoice.n);
    if (invoice.buyer == NULL) {
        *answer = (struct ch_answer){CH_REFUSED, "no_title", "申请表没有填写发票抬头", ""};
        return CH_OK;
    }
    return ch_nuonuo_request(w->a, &w->fault, &invoice, answer, serial);
}

/* Each invoice of one kind: what red letters take back is the whole. */
static enum ch_err red(struct work *w, const struct job_data *d, struct ch_answer *answer, const char **serial)
{
    const struct ch_invoice_reversal reversal = {
        .order_no = col(d, "request_no"),
        .kind = CH_INVOICE_PLAIN,
        .number = col(d, "blue_number"),
        .serial = col(d, "blue_serial"),
    };
    return ch_nuonuo_red(w->a, &w->fault, &reversal, answer, serial);
}

/* What Nuonuo has had before and could not issue is issued again under its number; where it says that there is nothing to
 * issue again, the query tells why. */
static enum ch_err repeat(struct work *w, const struct job_data *d, struct ch_answer *answer)
{
    enum ch_err e = ch_nuonuo_again(w->a, &w->fault, col(d, "request_no"), NULL, answer);

    if (e == CH_OK && answer->outcome == CH_REFUSED && strcmp(answer->code, UNKNOWN_NUMBER) != 0)
        answer->outcome = CH_ACCEPTED;
    return e;
}

static enum ch_err ask(struct work *w, const struct job_data *d, struct ch_answer *answer, const char **serial)
{
    *serial = "";
    if (ch_col_bool(&d->row, 0, "taken"))
        return repeat(w, d, answer);
    return ch_col_bool(&d->row, 0, "red") ? red(w, d, answer, serial) : request(w, d, answer, serial);
}

/* The money went back meanwhile: what Nuonuo has never seen is not asked for, what it has is seen to its end. */
static enum end of_refunded(struct work *w, const struct job_data *d)
{
    const struct ch_call dropped = CH_CALL(&runner_invoice_dropped, ch_p_text(w->subject));
    struct ch_answer answer = {.outcome = CH_UNKNOWN};
    struct ch_invoice_status status;

    if (w->attempts == 1 && !ch_col_bool(&d->row, 0, "taken"))
        return finish(w, &dropped, 1);
    if (ch_nuonuo_query(w->a, &w->fault, col(d, "request_no"), &answer, &status) != CH_OK || answer.outcome == CH_UNKNOWN)
        return again(w, "invoice of a refunded order: no answer");
    return answer.outcome == CH_ACCEPTED ? taken(w, status.serial) : finish(w, &dropped, 1);
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
        return finish(w, NULL, 0);
    if (ch_col_bool(&d.row, 0, "dead"))
        return of_refunded(w, &d);
    enum ch_err e = ask(w, &d, &answer, &serial);
    if (e == CH_E_INVALID)
        return failed(w, "开票设置或金额有误，请联系系统管理员", NULL);
    if (e != CH_OK || answer.outcome == CH_UNKNOWN)
        return again(w, "invoice: no answer");
    if (answer.outcome == CH_REFUSED)
        return failed(w, ch_printf(w->a, "%s（%s）", answer.message, answer.code), NULL);
    return taken(w, serial);
}

/* --- what has come of it --- */

static int64_t until_next_query(const struct work *w)
{
    int64_t ms = ch_conf_int(CONF_OUTBOX_UNIT);

    for (int i = 1; i < w->attempts && ms < LONGEST_WAIT_MS; i++)
        ms *= 2;
    return ms < LONGEST_WAIT_MS ? ms : LONGEST_WAIT_MS;
}

/* Red letters count below zero. */
static bool same_amount(const struct job_data *d, const struct ch_invoice_status *s)
{
    int64_t total = ch_col_int(&d->row, 0, "total");
    return s->total_fen == INT64_MIN || s->total_fen == (ch_col_bool(&d->row, 0, "red") ? -total : total);
}

static enum end issued(struct work *w, const struct ch_invoice_status *s)
{
    const char *at = s->issued > 0 ? ch_rfc3339(w->a, s->issued) : NULL;
    const struct ch_call outcome = CH_CALL(&runner_invoice_issued, ch_p_text(w->subject), ch_p_text(s->serial),
                                           ch_p_text(s->number), ch_p_text(s->pdf), ch_p_text(s->ofd), ch_p_text(s->xml),
                                           ch_p_text(at));
    return finish(w, &outcome, 1);
}

static enum end known(struct work *w, const struct job_data *d, const struct ch_invoice_status *s)
{
    switch (s->state) {
    case CH_INVOICE_DONE:
        return same_amount(d, s) ? issued(w, s) : failed(w, "开出的金额与业务单不一致，请人工核对", s->number);
    case CH_INVOICE_FAILED:
        return failed(w, *s->cause != '\0' ? s->cause : "开票服务未说明原因", NULL);
    case CH_INVOICE_VOID:
        return failed(w, "发票已在税务平台作废", s->number);
    case CH_INVOICE_WORKING:
        break;
    }
    return again_in(w, "the invoice is being issued", until_next_query(w));
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
        return finish(w, NULL, 0);
    if (ch_nuonuo_query(w->a, &w->fault, col(&d, "request_no"), &answer, &status) != CH_OK || answer.outcome == CH_UNKNOWN)
        return again_in(w, "invoice query: no answer", until_next_query(w));
    if (answer.outcome == CH_ACCEPTED)
        return known(w, &d, &status);
    if (strcmp(answer.code, UNKNOWN_NUMBER) == 0 && w->attempts < EARLY_QUERIES)
        return again_in(w, "Nuonuo does not know it yet", until_next_query(w));
    return failed(w, ch_printf(w->a, "%s（%s）", answer.message, answer.code), NULL);
}
