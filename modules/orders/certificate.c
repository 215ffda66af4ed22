/* SPDX-License-Identifier: Apache-2.0
 * The certificates of an applicant's own order: their content in words, the certificate and its chain as files, and the key
 * file of a certificate that is not kept on a token. */
#include "modules/orders/orders.h"

#include "core/base/clock.h"
#include "core/order/chain.h"
#include "core/pki/certificate.h"
#include "core/pki/words.h"

#include <string.h>

#define ITEMS_MAX 999

static void put_certificate(struct ch_req *r, struct ch_jw *w, const struct ch_rows *rows, int i)
{
    X509 *cert = ch_cert_read(ch_col_bytes(rows, r->a, i, "certificate"));

    ch_jw_object(w, NULL);
    ch_jw_int(w, "item", ch_col_int(rows, i, "item"));
    ch_jw_text(w, "name", ch_col(rows, i, "name"));
    ch_jw_text(w, "serial", ch_col(rows, i, "serial"));
    ch_jw_text(w, "key_use", ch_col(rows, i, "key_use"));
    ch_jw_text(w, "state", ch_col(rows, i, "state"));
    ch_jw_text(w, "reason", ch_col(rows, i, "reason"));
    ch_jw_text(w, "revoked_at", ch_col(rows, i, "at"));
    if (cert != NULL)
        ch_cert_words(r->a, w, "content", cert, ch_now_ms() / 1000);
    ch_jw_end_object(w);
    X509_free(cert);
}

enum ch_err orders_certificates(struct ch_req *r)
{
    const char *id = ch_var(r, "id");
    const struct ch_call calls[] = {CH_CALL(&orders_my_certificates, ch_p_text(id)),
                                    CH_CALL(&orders_my_key_file, ch_p_text(id))};
    struct ch_rows rows[CH_COUNT(calls)];
    struct ch_jw w;

    enum ch_err e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    if (e != CH_OK)
        return e;
    if (rows[1].n != 1 || ch_col(&rows[1], 0, "out") == NULL)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这个业务单。");
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "items");
    for (int i = 0; i < rows[0].n; i++)
        put_certificate(r, &w, &rows[0], i);
    ch_jw_end_array(&w);
    ch_jw_raw(&w, "key_file", ch_col(&rows[1], 0, "out"));
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

/* Reads the order's certificates and finds the row with the serial number of the path. */
static enum ch_err find_certificate(struct ch_req *r, struct ch_rows *rows, int *row)
{
    const char *serial = ch_var(r, "serial");

    enum ch_err e = ch_run(r, CH_CALL(&orders_my_certificates, ch_p_text(ch_var(r, "id"))), rows);
    for (*row = 0; e == CH_OK && *row < rows->n; ++*row)
        if (strcmp(ch_col_text(rows, *row, "serial"), serial) == 0)
            return CH_OK;
    return e != CH_OK ? e : ch_fail_say(r, CH_E_NOT_FOUND, "这个业务单没有这张证书。");
}

enum ch_err orders_certificate(struct ch_req *r)
{
    struct ch_rows rows;
    int row;
    enum ch_err e = find_certificate(r, &rows, &row);

    if (e != CH_OK)
        return e;
    return ch_reply_file(r, "application/pkix-cert", ch_printf(r->a, "%s.cer", ch_col(&rows, row, "serial")),
                         ch_col_bytes(&rows, r->a, row, "certificate"));
}

enum ch_err orders_chain(struct ch_req *r)
{
    struct ch_rows rows, above;
    int row;
    enum ch_err e = find_certificate(r, &rows, &row);

    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&orders_ca_chain, ch_p_text(ch_col(&rows, row, "ca"))), &above);
    if (e != CH_OK)
        return e;
    return ch_chain_reply(r, ch_col_bytes(&rows, r->a, row, "certificate"), &above, ch_col(&rows, row, "serial"));
}

/* The key file of the certificate in ?item=, by default the first. A POST, because taking the last one completes the order. */
enum ch_err orders_key_file(struct ch_req *r)
{
    struct ch_rows rows;

    enum ch_err e = ch_run(r,
                           CH_CALL(&orders_take_key_file, ch_p_text(ch_var(r, "id")),
                                   ch_p_int(r->a, ch_query_int(r, "item", 1, 1, ITEMS_MAX))),
                           &rows);
    if (e != CH_OK)
        return e;
    if (rows.n != 1)
        return ch_fail(r, CH_E_INTERNAL, "the item has no key file, or two");
    ch_header(r, "Cache-Control", "no-store");
    return ch_reply_file(r, "application/x-pkcs12", ch_printf(r->a, "%s.p12", ch_col(&rows, 0, "number")),
                         ch_col_bytes(&rows, r->a, 0, "key_file"));
}
