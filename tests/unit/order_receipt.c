/* SPDX-License-Identifier: Apache-2.0
 * The receipt of an order: a genuine one, and what makes it none. The log and its key are made here. */
#include "core/order/receipt.h"

#include "core/base/codec.h"
#include "core/crypto/merkle.h"
#include "core/crypto/sign.h"
#include "core/json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ORDER "01a20f1a-341a-75a6-b685-29fece5dd403"
#define CERTIFICATE "01a20f1a-8000-75a6-b685-29fece5dd403"
#define LEAVES 7

static struct ch_arena *a;
static EVP_PKEY *key;

/* Row n of the order is leaf 2n - 1; leaf 4 is the certificate's only row. The others are rows of somebody else. */
static const char *const texts[] = {"order|" ORDER "|1|100|account:x|new.create|r|{}",
                                    "order|" ORDER "|2|200|account:x|new.edit|r|{\"a\": 1}",
                                    "order|" ORDER "|3|300|staff:y|review.approve|r|{}"};
static unsigned char heads[LEAVES][CH_SM3_BYTES], leaves[LEAVES][CH_SM3_BYTES], root[CH_SM3_BYTES];

static const unsigned char *kept(void *from, unsigned level, uint64_t at)
{
    (void)from;
    return level == 0 && at < LEAVES ? leaves[at] : NULL;
}

static void make_log(void)
{
    struct ch_merkle tree = {0};
    struct ch_buf b;

    for (int n = 0; n < LEAVES; n++) {
        ch_buf_init(&b, a);
        if (n % 2 == 1) {
            if (n > 1)
                ch_buf_add(&b, heads[n - 2], CH_SM3_BYTES);
            ch_buf_puts(&b, texts[n / 2]);
        } else {
            ch_buf_printf(&b, "somebody else %d", n);
        }
        ch_sm3(ch_buf_bytes(&b), heads[n]);
        ch_merkle_leaf_hash(CH_BYTES(heads[n], CH_SM3_BYTES), leaves[n]);
        ch_merkle_add(&tree, leaves[n]);
    }
    ch_merkle_root(&tree, root);
}

static void add_row(struct ch_buf *b, const char *subject, int seq, unsigned leaf, const char *text)
{
    struct ch_bytes proof;

    assert_true(ch_merkle_prove(a, LEAVES, leaf, kept, NULL, &proof));
    ch_buf_printf(b, "{\"subject\":\"%s\",\"seq\":%d,\"leaf\":%u,\"head\":\"%s\",\"text\":", subject, seq, leaf,
                  ch_hex(a, CH_BYTES(heads[leaf], CH_SM3_BYTES)));
    struct ch_jw w;
    ch_jw_init(&w, a);
    ch_jw_text(&w, NULL, text);
    ch_buf_printf(b, "%s,\"proof\":[", ch_jw_done(&w));
    for (size_t at = 0; at < proof.n; at += CH_SM3_BYTES)
        ch_buf_printf(b, "%s\"%s\"", at > 0 ? "," : "", ch_hex(a, CH_BYTES(proof.p + at, CH_SM3_BYTES)));
    ch_buf_puts(b, "]}");
}

/* A receipt of which `rows` says the rows, a letter for each: 1 to 3 rows of the order, c that of the certificate, x row 2 with the
 * text of row 1. The order's third row is somebody else's doing. */
static const char *receipt(const char *rows)
{
    struct ch_bytes signature;
    struct ch_buf b;

    assert_true(ch_sign(a, key, NULL, ch_merkle_statement(a, LEAVES, root), &signature));
    ch_buf_init(&b, a);
    ch_buf_printf(&b,
                  "{\"kind\":\"certhall receipt\",\"version\":1,\"order\":\"179\",\"log\":{\"size\":%d,\"root\":\"%s\","
                  "\"signed_at\":\"2026-11-25T03:48:35+08:00\",\"signature\":\"%s\"},\"rows\":[",
                  LEAVES, ch_hex(a, CH_BYTES(root, sizeof root)), ch_base64(a, signature));
    for (const char *row = rows; *row != '\0'; row++) {
        if (row > rows)
            ch_buf_putc(&b, ',');
        if (*row == 'c')
            add_row(&b, CERTIFICATE, 1, 4, NULL);
        else if (*row == 'x')
            add_row(&b, ORDER, 2, 3, texts[0]);
        else
            add_row(&b, ORDER, *row - '0', (unsigned)(*row - '0') * 2 - 1, *row == '3' ? NULL : texts[*row - '1']);
    }
    ch_buf_puts(&b, "]}");
    ch_buf_putc(&b, '\0');
    return (const char *)ch_buf_bytes(&b).p;
}

static enum ch_receipt_result read_text(const char *text, struct ch_receipt *out)
{
    return ch_receipt_read(a, CH_BYTES(text, strlen(text)), out);
}

static void test_genuine(void **state)
{
    struct ch_receipt r;
    EVP_PKEY *other = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");

    (void)state;
    assert_int_equal(read_text(receipt("12c3"), &r), CH_RECEIPT_GOOD);
    assert_string_equal(r.order, "179");
    assert_int_equal(r.rows, 4);
    assert_int_equal(r.told, 2);
    assert_int_equal(r.size, LEAVES);
    assert_true(ch_receipt_signed(a, &r, key));
    assert_false(ch_receipt_signed(a, &r, other));
    r.size++;
    assert_false(ch_receipt_signed(a, &r, key));
    EVP_PKEY_free(other);
}

/* Months of the trail may have been taken away: then its first row is not row 1, and its text cannot be checked. */
static void test_later_rows_alone(void **state)
{
    struct ch_receipt r;

    (void)state;
    assert_int_equal(read_text(receipt("23"), &r), CH_RECEIPT_GOOD);
    assert_int_equal(r.rows, 2);
    assert_int_equal(r.told, 0);
}

static void test_rows_out_of_order(void **state)
{
    static const char *const rows[] = {"13", "1c33", "132", "11", "21", "c12"};
    struct ch_receipt r;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(read_text(receipt(rows[i]), &r), CH_RECEIPT_ORDER);
}

/* The text with one place replaced. */
static const char *with(const char *text, const char *what, const char *by)
{
    const char *at = strstr(text, what);

    assert_non_null(at);
    return ch_printf(a, "%.*s%s%s", (int)(at - text), text, by, at + strlen(what));
}

static void test_changed(void **state)
{
    const char *good = receipt("12c3");
    struct ch_receipt r;

    (void)state;
    assert_int_equal(read_text(with(good, "new.edit", "new.exit"), &r), CH_RECEIPT_TEXT);
    assert_int_equal(read_text(receipt("1x"), &r), CH_RECEIPT_TEXT);
    assert_int_equal(read_text(with(good, ORDER "\",\"seq\":1", CERTIFICATE "\",\"seq\":1"), &r), CH_RECEIPT_TEXT);
    assert_int_equal(read_text(with(good, "\"leaf\":1", "\"leaf\":0"), &r), CH_RECEIPT_PROOF);
    assert_int_equal(read_text(with(good, "\"leaf\":1", "\"leaf\":7"), &r), CH_RECEIPT_PROOF);
    assert_int_equal(read_text(with(good, "\"size\":7", "\"size\":9"), &r), CH_RECEIPT_PROOF);
    assert_int_equal(read_text(with(good, "\"proof\":[\"", "\"proof\":[],\"more\":[\""), &r), CH_RECEIPT_PROOF);
    const char *hex = ch_hex(a, CH_BYTES(root, sizeof root));
    assert_int_equal(read_text(with(good, hex, ch_hex(a, CH_BYTES(heads[0], CH_SM3_BYTES))), &r), CH_RECEIPT_PROOF);
}

static void test_no_receipt(void **state)
{
    static const char *const parts[][2] = {{"certhall receipt", "certhall"},
                                           {"\"version\":1", "\"version\":2"},
                                           {"\"order\"", "\"odrer\""},
                                           {"\"root\"", "\"rot\""},
                                           {"\"size\":7", "\"size\":0"},
                                           {"\"signed_at\"", "\"at\""},
                                           {"\"signature\":\"M", "\"signature\":\"!"},
                                           {"\"rows\":[", "\"rows\":[],\"w\":["},
                                           {"\"leaf\":1", "\"leaf\":-1"},
                                           {"\"seq\":1", "\"seq\":\"1\""},
                                           {"\"head\":\"", "\"head\":\"00"},
                                           {"\"proof\":[\"", "\"proof\":[1,\""},
                                           {"\"proof\":[\"", "\"proof\":[\"zz"}};
    const char *good = receipt("12c3");
    struct ch_receipt r;

    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        assert_int_equal(read_text(with(good, parts[i][0], parts[i][1]), &r), CH_RECEIPT_NONE);
    assert_int_equal(read_text("", &r), CH_RECEIPT_NONE);
    assert_int_equal(read_text("[]", &r), CH_RECEIPT_NONE);
    assert_int_equal(read_text(ch_printf(a, "%.*s", (int)strlen(good) / 2, good), &r), CH_RECEIPT_NONE);
}

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    key = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    make_log();
    return key == NULL;
}

static int end(void **state)
{
    (void)state;
    EVP_PKEY_free(key);
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_genuine), cmocka_unit_test(test_later_rows_alone),
                                       cmocka_unit_test(test_rows_out_of_order), cmocka_unit_test(test_changed),
                                       cmocka_unit_test(test_no_receipt)};

    return cmocka_run_group_tests(tests, begin, end);
}
