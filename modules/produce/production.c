/* SPDX-License-Identifier: Apache-2.0
 * Production and shipping of a certificate. A producer asks for the certificate, with a certificate request if the key was made
 * on the token; the signer makes it; the producer puts the result onto the token and hands the parcel over. */
#include "modules/produce/produce.h"

#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/form/rule.h"
#include "core/order/chain.h"
#include "core/pki/csr.h"

#include <string.h>

// clang-format off
#define PRODUCE_FIELDS \
    CH_IN_INT(struct produce_produce_in, version, CH_REQUIRED, 1, INT32_MAX), \
    CH_IN_INT(struct produce_produce_in, item, CH_OPTIONAL, 1, PRODUCE_ITEMS_MAX), \
    CH_IN_TEXT(struct produce_produce_in, csr, CH_OPTIONAL, 1, CH_CSR_MAX, NULL)
// clang-format on
static const struct ch_field statement_fields[] = {PRODUCE_FIELDS};
const struct ch_input produce_statement_body = CH_INPUT(struct produce_produce_in, statement_fields);

static const struct ch_field produce_fields[] = {
    PRODUCE_FIELDS,
    CH_IN_OBJECT(struct produce_produce_in, decision, CH_REQUIRED),
};
const struct ch_input produce_produce_body = CH_INPUT(struct produce_produce_in, produce_fields);

static const struct ch_field ship_fields[] = {
    CH_IN_INT(struct produce_ship_in, version, CH_REQUIRED, 1, INT32_MAX),
    CH_IN_TEXT(struct produce_ship_in, courier, CH_REQUIRED, 2, 8, NULL),
    CH_IN_TEXT(struct produce_ship_in, tracking_no, CH_REQUIRED, 8, 24, ch_rule_tracking),
};
const struct ch_input produce_ship_body = CH_INPUT(struct produce_ship_in, ship_fields);

int produce_item(struct ch_req *r)
{
    return (int)ch_query_int(r, "item", 1, 1, PRODUCE_ITEMS_MAX);
}

/* Reads and checks the token's certificate request against the algorithm of the CA that will issue the certificate. */
static enum ch_err read_csr(struct ch_req *r, const char *id, int64_t item, const char *text, struct ch_csr *out)
{
    struct ch_rows how;
    enum ch_err e = ch_run(r, CH_CALL(&produce_production_how, ch_p_text(id), ch_p_int(r->a, item)), &how);

    if (e != CH_OK)
        return e;
    if (how.n != 1)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这个业务单，或其中没有这张证书。");
    if (strcmp(ch_col_text(&how, 0, "key_origin"), "token") != 0)
        return CH_OK; /* produce_row refuses the request and says why */
    const char *algorithm = ch_col(&how, 0, "algorithm");
    return ch_csr_read(r->a, CH_BYTES(text, strlen(text)), algorithm != NULL ? algorithm : ch_conf(CONF_CA_ALGORITHM),
                       out, &r->fault);
}

/* What the body asks for, with the token's request when it brings one. */
static enum ch_err read_production(struct ch_req *r, struct ch_csr *csr, struct ch_decision_of *out)
{
    const struct produce_produce_in *in = r->in;

    *csr = (struct ch_csr){.der = CH_LIT("")};
    *out = (struct ch_decision_of){
        .what = CH_DECISION_PRODUCE, .order = ch_var(r, "id"), .version = in->version, .item = in->item > 0 ? in->item : 1};
    if (in->csr == NULL)
        return CH_OK;
    enum ch_err e = read_csr(r, out->order, out->item, in->csr, csr);
    out->request = ch_hex(r->a, CH_BYTES(csr->public_sha256, CH_SHA256_BYTES));
    return e;
}

enum ch_err produce_statement(struct ch_req *r)
{
    struct ch_decision_of d;
    struct ch_csr csr;

    enum ch_err e = read_production(r, &csr, &d);
    return e == CH_OK ? ch_decision_offer(r, &d) : e;
}

enum ch_err produce_produce(struct ch_req *r)
{
    const struct produce_produce_in *in = r->in;
    struct ch_decision_of d;
    struct ch_csr csr;
    struct ch_call calls[2];
    struct ch_rows rows[CH_COUNT(calls)];

    enum ch_err e = read_production(r, &csr, &d);
    if (e == CH_OK)
        e = ch_decision_take(r, &d, in->decision, &calls[0]);
    if (e != CH_OK)
        return e;
    calls[1] = CH_CALL(&produce_produce_row, ch_p_text(d.order), ch_p_int(r->a, in->version),
                       in->csr != NULL ? ch_p_bytes(csr.der) : ch_p_null(),
                       in->csr != NULL ? ch_p_bytes(CH_BYTES(csr.public_sha256, CH_SHA256_BYTES)) : ch_p_null(),
                       ch_p_int(r->a, d.item));
    e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    return e == CH_OK ? ch_reply_empty(r) : e;
}

enum ch_err produce_tray_put(struct ch_req *r)
{
    const struct ch_version_in *in = r->in;
    const struct ch_decision_of d = {.what = CH_DECISION_PRODUCE, .order = ch_var(r, "id"), .version = in->version};
    enum ch_err e = ch_decision_put(r, &d, NULL);

    return e == CH_OK ? ch_reply_empty(r) : e;
}

enum ch_err produce_tray_statement(struct ch_req *r)
{
    return ch_decision_tray_offer(r, CH_DECISION_PRODUCE);
}

/* Tokens' certificates are not made by the tray, as each needs the token's request. */
static struct ch_call production(struct ch_req *r, const char *order, int64_t version, const char *note)
{
    struct ch_param *p = ch_alloc_array(r->a, 5, sizeof *p);

    (void)note;
    p[0] = ch_p_text(order);
    p[1] = ch_p_int(r->a, version);
    p[2] = ch_p_null();
    p[3] = ch_p_null();
    p[4] = ch_p_int(r->a, 1);
    return ch_call_of(&produce_produce_row, p, 5);
}

enum ch_err produce_tray_produce(struct ch_req *r)
{
    const struct ch_decision_in *in = r->in;

    return ch_decision_tray_take(r, CH_DECISION_PRODUCE, in->decision, production);
}

/* Reads the row of a certificate of the order. The trail notes the reading under the name of what is taken. */
static enum ch_err find_certificate(struct ch_req *r, const char *use, const char *what, struct ch_rows *rows)
{
    const char *id = ch_var(r, "id");
    enum ch_err e = ch_run(
        r, CH_CALL(&produce_key_file_row, ch_p_text(id), ch_p_text(use), ch_p_text(what), ch_p_int(r->a, produce_item(r))),
        rows);

    if (e == CH_OK && rows->n != 1)
        return ch_fail_say(r, CH_E_NOT_FOUND, "证书还没有制作，或已不在有效状态。");
    return e;
}

static enum ch_err answer_file(struct ch_req *r, const char *use, const char *column, const char *mime, const char *ending)
{
    struct ch_rows rows;
    enum ch_err e = find_certificate(r, use, column, &rows);

    if (e != CH_OK)
        return e;
    struct ch_bytes bytes = ch_col_bytes(&rows, r->a, 0, column);
    if (bytes.p == NULL)
        return ch_fail_say(r, CH_E_NOT_FOUND, "这里没有密钥文件：密钥在介质上生成、由申请人自行下载，或已随寄出销毁。");
    return ch_reply_file(r, mime, ch_printf(r->a, "%s%s", ch_col_text(&rows, 0, "number"), ending), bytes);
}

enum ch_err produce_key_file(struct ch_req *r)
{
    return answer_file(r, "signature", "key_file", "application/x-pkcs12", ".p12");
}

enum ch_err produce_certificate(struct ch_req *r)
{
    return answer_file(r, "signature", "certificate", "application/pkix-cert", ".cer");
}

enum ch_err produce_encryption(struct ch_req *r)
{
    return answer_file(r, "encryption", "certificate", "application/pkix-cert", "-encryption.cer");
}

enum ch_err produce_enveloped_key(struct ch_req *r)
{
    return answer_file(r, "encryption", "enveloped_key", "application/octet-stream", "-encryption.key");
}

enum ch_err produce_chain(struct ch_req *r)
{
    struct ch_rows leaf, above;
    enum ch_err e = find_certificate(r, "signature", "chain", &leaf);

    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&produce_ca_chain, ch_p_text(ch_col(&leaf, 0, "ca"))), &above);
    if (e != CH_OK)
        return e;
    return ch_chain_reply(r, ch_col_bytes(&leaf, r->a, 0, "certificate"), &above, ch_col(&leaf, 0, "number"));
}
