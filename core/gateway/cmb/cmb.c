/* SPDX-License-Identifier: Apache-2.0
 * Payments out of our account through CMB CloudDC, and what has come in on it. */
#include "core/gateway/cmb/cmb.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/gateway/amount.h"
#include "core/gateway/cmb/message.h"
#include "core/gateway/keys.h"
#include "core/gateway/vendor.h"

#include <string.h>

#define BUSINESS "N02030" /* single outgoing payment */
#define OUR_BANK "308"    /* first digits of the branch numbers of China Merchants Bank */

struct keys {
    EVP_PKEY *ours, *banks;
    const char *sm4, *uid;
};

struct call {
    const char *function;
    const char *body; /* JSON */
    bool money;
    struct keys keys;
    const char *reqid;              /* of this try */
    const struct ch_json *response; /* of the answer, once it is verified */
};

/* The form that is sent: the message of the call, signed and encrypted. NULL when the keys cannot be used. */
static char *request_form(struct ch_arena *a, const struct call *c)
{
    const struct keys *k = &c->keys;
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_object(&w, "request");
    ch_jw_object(&w, "head");
    ch_jw_text(&w, "funcode", c->function);
    ch_jw_text(&w, "userid", c->keys.uid);
    ch_jw_text(&w, "reqid", c->reqid);
    ch_jw_end_object(&w);
    ch_jw_raw(&w, "body", c->body);
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    const char *sigtim = ch_beijing(a, ch_now_ms() / 1000, "%Y%m%d%H%M%S");
    char *text = ch_cmb_sign(a, k->ours, k->uid, ch_jw_done(&w), sigtim);
    char *data = text != NULL ? ch_cmb_encrypt(a, k->sm4, k->uid, text) : NULL;

    if (data == NULL)
        return NULL;
    return ch_printf(a, "UID=%s&FUNCODE=%s&ALG=SM&DATA=%s", ch_percent(a, k->uid), c->function, ch_percent(a, data));
}

/* Decrypts an answer, and checks that the bank signed it and that it is about our request. */
static struct ch_answer read_answer(struct ch_arena *a, struct call *c, struct ch_bytes body)
{
    static const char gateway[] = "CDCServer:";
    const struct keys *k = &c->keys;
    struct ch_bytes text;
    struct ch_json *root = NULL;
    const char *sigtim;

    /* The plain text "CDCServer:…ErrMsg:…" is of a gateway between us and the bank. The request may have reached the bank. */
    if (body.n >= sizeof gateway - 1 && memcmp(body.p, gateway, sizeof gateway - 1) == 0)
        return (struct ch_answer){CH_UNKNOWN, "CDCServer", ch_strndup(a, body.p, body.n < 200 ? body.n : 200), ""};
    if (!ch_cmb_decrypt(a, k->sm4, k->uid, ch_strndup(a, body.p, body.n), &text))
        return CH_BAD_ANSWER("the answer does not decrypt");
    if (!ch_cmb_verify(a, k->banks, k->uid, text, &root, &sigtim))
        return CH_BAD_ANSWER("the signature of the answer is not the bank's");
    const struct ch_json *res = ch_json_get(root, "response"), *head = ch_json_get(res, "head");
    if (strcmp(ch_or_empty(ch_json_text(head, "reqid")), c->reqid) != 0)
        return CH_BAD_ANSWER("the answer belongs to another request");
    c->response = res;
    const char *code = ch_or_empty(ch_json_text(head, "resultcode"));
    return (struct ch_answer){strcmp(code, "SUC0000") == 0 ? CH_ACCEPTED : CH_REFUSED, code,
                              ch_or_empty(ch_json_text(head, "resultmsg")), ch_or_empty(ch_json_text(head, "rspid"))};
}

static enum ch_err send_once(struct ch_arena *a, struct ch_fault *f, void *call, struct ch_answer *answer)
{
    struct call *c = call;
    struct ch_http_response res;
    int64_t ms = ch_now_ms();

    /* Seventeen digits of Beijing time and twelve random ones. */
    c->reqid = ch_printf(a, "%s%03d%s", ch_beijing(a, ms / 1000, "%Y%m%d%H%M%S"), (int)(ms % 1000),
                         ch_random_text(a, "0123456789", 12));
    char *form = request_form(a, c);
    if (form == NULL)
        return ch_fault(f, CH_E_INTERNAL, "cmb: the keys do not sign or encrypt");
    struct ch_http_request req = {
        .method = "POST",
        .url = ch_conf(CONF_CMB_URL),
        .headers = {"Content-Type: application/x-www-form-urlencoded"},
        .body = CH_BYTES(form, strlen(form)),
        .once = c->money,
    };
    enum ch_err e;
    if (ch_vendor_send(a, f, CH_V_CMB, &req, &res, answer, &e))
        *answer = read_answer(a, c, res.body);
    return e;
}

/* Even a query is tried only once, since the bank requires two seconds between two queries. */
static enum ch_err perform_call(struct ch_arena *a, struct ch_fault *f, struct call *c, struct ch_answer *answer)
{
    struct keys *k = &c->keys;

    *k = (struct keys){ch_keys_private(CONF_CMB_KEY), ch_keys_public(CONF_CMB_BANK_KEY), ch_keys_secret(CONF_CMB_SM4),
                       ch_conf(CONF_CMB_UID)};
    if (k->ours == NULL || k->banks == NULL || k->sm4 == NULL || *k->uid == '\0')
        return ch_fault(f, CH_E_INTERNAL, "cmb: keys or user id missing");
    return ch_vendor_call(a, f, CH_V_CMB, CH_ONE_TRY, send_once, c, answer);
}

enum ch_cmb_state ch_cmb_state_of(const char *req_sts, const char *rtn_flg)
{
    if (strcmp(req_sts, "FIN") != 0)
        return CH_CMB_WAITING;
    switch (rtn_flg[0]) {
    case 'S':
        return CH_CMB_DONE;
    case 'B':
        return CH_CMB_RETURNED;
    case 'F':
    case 'R':
    case 'D':
    case 'C':
        return CH_CMB_FAILED;
    default: /* U: suspended */
        return CH_CMB_WAITING;
    }
}

static void read_payment(struct ch_arena *a, const struct ch_json *row, struct ch_cmb_payment *out)
{
    const char *sts = ch_or_empty(ch_json_text(row, "reqSts")), *flg = ch_or_empty(ch_json_text(row, "rtnFlg"));
    const char *reason = ch_json_text(row, "rtnNar"), *amount = ch_json_text(row, "trsAmt");

    out->state = ch_cmb_state_of(sts, flg);
    out->bank_ref = ch_or_empty(ch_json_text(row, "reqNbr"));
    out->status = ch_printf(a, "%s/%s", sts, flg);
    out->reason = reason != NULL ? reason : ch_or_empty(ch_json_text(row, "errTxt"));
    out->amount_fen = amount != NULL ? ch_amount_read(amount) : -1;
}

static char *pay_body(struct ch_arena *a, const struct ch_cmb_payout *p)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "bb1paybmx1");
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "busCod", BUSINESS);
    ch_jw_text(&w, "busMod", ch_conf(CONF_CMB_MODE));
    ch_jw_end_object(&w);
    ch_jw_end_array(&w);
    ch_jw_array(&w, "bb1payopx1");
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "dbtAcc", ch_conf(CONF_CMB_ACCOUNT));
    ch_jw_text(&w, "crtAcc", p->account);
    ch_jw_text(&w, "crtNam", p->name);
    ch_jw_text(&w, "crtBnk", p->bank);
    ch_jw_text(&w, "brdNbr", p->cnaps);
    ch_jw_text(&w, "bnkFlg", strncmp(p->cnaps, OUR_BANK, 3) == 0 ? "Y" : "N");
    ch_jw_text(&w, "ccyNbr", "10");
    ch_jw_text(&w, "trsAmt", ch_amount_yuan(a, p->amount_fen));
    ch_jw_text(&w, "nusAge", p->purpose);
    ch_jw_text(&w, "rcvChk", "1");
    ch_jw_text(&w, "trsTyp", "100001");
    ch_jw_text(&w, "yurRef", p->your_ref);
    ch_jw_end_object(&w);
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

static const struct ch_json *answer_list(const struct ch_json *response, const char *name)
{
    const struct ch_json *list = ch_json_get(ch_json_get(response, "body"), name);
    return list != NULL && list->kind == CH_JSON_ARRAY ? list : NULL;
}

enum ch_err ch_cmb_pay(struct ch_arena *a, struct ch_fault *f, const struct ch_cmb_payout *payout,
                       struct ch_answer *answer, struct ch_cmb_payment *payment)
{
    struct call c = {.function = "BB1PAYOP", .body = pay_body(a, payout), .money = true};
    enum ch_err e = perform_call(a, f, &c, answer);

    *payment = (struct ch_cmb_payment){CH_CMB_WAITING, "", "", "", -1};
    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    const struct ch_json *list = answer_list(c.response, "bb1payopz1");
    if (list != NULL && list->first != NULL)
        read_payment(a, list->first, payment);
    else
        *answer = CH_BAD_ANSWER("no bb1payopz1 in the answer"); /* the bank has it, but does not say what became of it */
    return CH_OK;
}

/* The row of our number with the greatest reqNbr. A longer number is greater; numbers of the same length compare as text. */
static const struct ch_json *latest_row(const struct ch_json *list, const char *your_ref)
{
    const struct ch_json *best = NULL;
    const char *best_nbr = "";

    for (const struct ch_json *row = list->first; row != NULL; row = row->next) {
        const char *nbr = ch_or_empty(ch_json_text(row, "reqNbr"));
        bool longer = strlen(nbr) > strlen(best_nbr), same = strlen(nbr) == strlen(best_nbr);
        if (strcmp(ch_or_empty(ch_json_text(row, "yurRef")), your_ref) != 0)
            continue;
        if (best == NULL || longer || (same && strcmp(nbr, best_nbr) > 0)) {
            best = row;
            best_nbr = nbr;
        }
    }
    return best;
}

enum ch_err ch_cmb_query(struct ch_arena *a, struct ch_fault *f, const char *your_ref, struct ch_answer *answer,
                         struct ch_cmb_payment *payment)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "bb1payqrx1");
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "busCod", BUSINESS);
    ch_jw_text(&w, "yurRef", your_ref);
    ch_jw_end_object(&w);
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    struct call c = {.function = "BB1PAYQR", .body = ch_jw_done(&w)};
    enum ch_err e = perform_call(a, f, &c, answer);

    *payment = (struct ch_cmb_payment){CH_CMB_WAITING, "", "", "", -1};
    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    const struct ch_json *list = answer_list(c.response, "bb1payqrz1");
    if (list == NULL) {
        *answer = CH_BAD_ANSWER("no bb1payqrz1 in the answer"); /* only an empty list means that the bank has no such payment */
        return CH_OK;
    }
    const struct ch_json *row = latest_row(list, your_ref);
    if (row != NULL)
        read_payment(a, row, payment);
    else if (list->count == 0)
        payment->state = CH_CMB_UNSEEN;
    else
        *answer = CH_BAD_ANSWER("the answer is about another payment");
    return CH_OK;
}

/* The body of the query. The cursor is what the bank gave with the page before (entries.c). */
static char *entries_body(struct ch_arena *a, const char *first, const char *last, const struct ch_json *cursor)
{
    const struct ch_json *points = ch_json_get(cursor, "TRANSQUERYBYBREAKPOINT_Y1");
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "TRANSQUERYBYBREAKPOINT_X1");
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "cardNbr", ch_conf(CONF_CMB_ACCOUNT));
    ch_jw_text(&w, "beginDate", first);
    ch_jw_text(&w, "endDate", last);
    ch_jw_text(&w, "currencyCode", "10");
    ch_jw_text(&w, "loanCode", "C");
    ch_jw_text(&w, "queryAcctNbr", ch_or_empty(ch_json_text(cursor, "queryAcctNbr")));
    ch_jw_end_object(&w);
    ch_jw_end_array(&w);
    if (points != NULL)
        ch_jw_raw(&w, "TRANSQUERYBYBREAKPOINT_Y1", ch_cmb_canonical(a, points));
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

enum ch_err ch_cmb_entries(struct ch_arena *a, struct ch_fault *f, const char *first, const char *last,
                           const char *cursor, struct ch_answer *answer, struct ch_cmb_entries *out)
{
    struct ch_json *before = NULL;

    *out = (struct ch_cmb_entries){0};
    if (cursor != NULL && ch_json_parse(a, CH_BYTES(cursor, strlen(cursor)), &before, NULL) != CH_JSON_OK)
        return ch_fault(f, CH_E_INTERNAL, "cmb: the cursor of the entries is not JSON");
    struct call c = {.function = "trsQryByBreakPoint", .body = entries_body(a, first, last, before)};
    enum ch_err e = perform_call(a, f, &c, answer);

    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    const char *wrong = ch_cmb_read_entries(a, ch_json_get(c.response, "body"), out);
    if (wrong == NULL && out->more && cursor != NULL && strcmp(cursor, out->cursor) == 0)
        wrong = "the pages do not go on";
    if (wrong != NULL)
        *answer = CH_BAD_ANSWER(wrong);
    return CH_OK;
}
