/* SPDX-License-Identifier: Apache-2.0
 * Paying in the browser of the vendor's own app. First the browser is sent to the vendor, and comes back with a code that tells the
 * vendor, and through it the hall, who is there; then an order is opened for that payer, and the page gets the request that it hands
 * to the app. Who the payer is is kept nowhere: whoever asks again gets a new request for the same order. */
#include "modules/pay/pay.h"

#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/crypto/digest.h"

#include <string.h>

static const char *rule_word(const char *s)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";
    return s[strspn(s, letters)] == '\0' ? NULL : "只能包含字母、数字、“-”和“_”。";
}

static const struct ch_field fields[] = {
    CH_IN_TEXT(struct pay_inside_in, channel, CH_REQUIRED, 1, 16, pay_rule_channel),
    CH_IN_TEXT(struct pay_inside_in, code, CH_OPTIONAL, 1, 128, rule_word),
    CH_IN_TEXT(struct pay_inside_in, state, CH_OPTIONAL, 1, 128, rule_word),
};
const struct ch_input pay_inside_body = CH_INPUT(struct pay_inside_in, fields);

/* What the browser takes to the vendor and brings back, so that nobody's code is slipped into another's page: a mark of this session
 * and this order. It need not end by itself, since the session does, and the code is good once. */
static const char *state_of(struct ch_req *r)
{
    unsigned char mac[CH_SHA256_BYTES];

    ch_session_mac(r->a, "inside", ch_printf(r->a, "%s|%s", r->token, ch_var(r, "id")), mac);
    return ch_hex(r->a, CH_BYTES(mac, sizeof mac));
}

static bool is_own_state(struct ch_req *r, const char *state)
{
    const char *right = state_of(r);
    return state != NULL && ch_same(CH_BYTES(state, strlen(state)), CH_BYTES(right, strlen(right)));
}

/* `url`: where the browser is sent; `request`: what the page hands to the app. Without both people cannot pay so here. */
static enum ch_err answer(struct ch_req *r, const char *url, const char *request, const struct ch_rows *row)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "url", url);
    ch_jw_raw(&w, "request", request != NULL ? request : "null");
    ch_jw_int(&w, "total", ch_col_int(row, 0, "total"));
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

static enum ch_err answer_request(struct ch_req *r, const struct ch_pay_inside *inside, const char *opened,
                                  const struct ch_rows *row)
{
    const char *request;
    enum ch_err e = inside->request(r->a, &r->fault, opened, &request);

    return e == CH_OK ? answer(r, NULL, request, row) : e;
}

static enum ch_err find_payer(struct ch_req *r, const struct ch_pay_inside *inside, const char **payer)
{
    const struct pay_inside_in *in = r->in;
    struct ch_answer said = {0};

    if (!is_own_state(r, in->state)) {
        ch_wrong(r, "/state", "rule", "付款不是从本页面发起的，请重新点击付款。");
        return CH_E_INVALID;
    }
    enum ch_err e = inside->payer(r->a, &r->fault, in->code, &said, payer);
    if (e == CH_OK && said.outcome == CH_REFUSED) {
        ch_wrong(r, "/code", "rule", "付款授权已失效，请重新点击付款。");
        return CH_E_INVALID;
    }
    return pay_said(r, inside->vendor, e, &said);
}

static enum ch_err open_for_payer(struct ch_req *r, const struct ch_pay_way *way)
{
    const struct pay_inside_in *in = r->in;
    const struct pay_open_in open = {.channel = in->channel};
    const char *payer, *opened;
    struct ch_answer said = {0};
    struct ch_rows row;

    enum ch_err e = find_payer(r, way->inside, &payer);
    if (e == CH_OK)
        e = pay_number(r, &open, true, &row);
    if (e != CH_OK)
        return e;
    struct ch_pay_order order = pay_order_of(r, &row);
    order.payer = payer;
    e = pay_said(r, way->vendor, way->inside->open(r->a, &r->fault, &order, &said, &opened), &said);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&pay_code_row, ch_p_text(ch_col(&row, 0, "id")), ch_p_text(opened)), NULL);
    return e == CH_OK ? answer_request(r, way->inside, opened, &row) : e;
}

enum ch_err pay_inside(struct ch_req *r)
{
    const struct pay_inside_in *in = r->in;
    const struct ch_pay_way *way = ch_payway_of(in->channel);
    struct ch_rows row;

    enum ch_err e = ch_run_row(r, CH_CALL(&pay_inside_row, ch_p_text(ch_var(r, "id")), ch_p_text(in->channel)), &row);
    if (e != CH_OK)
        return e;
    if (way->inside == NULL || *ch_conf(way->inside->set_up) == '\0')
        return answer(r, NULL, NULL, &row);
    if (in->code != NULL)
        return open_for_payer(r, way);
    const char *opened = ch_col(&row, 0, "opened");
    return opened != NULL ? answer_request(r, way->inside, opened, &row)
                          : answer(r, way->inside->ask(r->a, pay_page_of(r), state_of(r)), NULL, &row);
}
