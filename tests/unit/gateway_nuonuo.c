/* SPDX-License-Identifier: Apache-2.0
 * Nuonuo: the signature that passed the live gateway, tax and amounts, answers, callbacks, and the file of the token.
 */
#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/crypto/digest.h"
#include "core/gateway/formdata.h"
#include "core/gateway/nuonuo/call.h"
#include "core/gateway/nuonuo/nuonuo.h"
#include "core/gateway/nuonuo/sign.h"
#include "core/gateway/token.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct ch_arena *a;
static char folder[] = "/tmp/certhall-token-XXXXXX";

static void published_signature(void **state)
{
    struct ch_nuonuo_signed s = {"APPKEY", "SENID", "12345678", "1700000000", CH_LIT("{\"a\":1}")};

    (void)state;
    assert_string_equal(ch_nuonuo_sign(a, "SECRET", &s), "7iSZiR+0g+376QEJ38xLM+3vGDs=");
}

static void every_part_counts(void **state)
{
    static const char right[] = "7iSZiR+0g+376QEJ38xLM+3vGDs=";
    struct ch_nuonuo_signed s[] = {
        {"APPKEX", "SENID", "12345678", "1700000000", CH_LIT("{\"a\":1}")},
        {"APPKEY", "SENIE", "12345678", "1700000000", CH_LIT("{\"a\":1}")},
        {"APPKEY", "SENID", "12345679", "1700000000", CH_LIT("{\"a\":1}")},
        {"APPKEY", "SENID", "12345678", "1700000001", CH_LIT("{\"a\":1}")},
        {"APPKEY", "SENID", "12345678", "1700000000", CH_LIT("{\"a\":2}")},
    };

    (void)state;
    for (size_t i = 0; i < CH_COUNT(s); i++)
        assert_string_not_equal(ch_nuonuo_sign(a, "SECRET", &s[i]), right);
    s[0].appkey = "APPKEY";
    assert_string_equal(ch_nuonuo_sign(a, "SECRET", &s[0]), right);
    assert_string_not_equal(ch_nuonuo_sign(a, "SECREU", &s[0]), right);
}

static void tax(void **state)
{
    int64_t rate;

    (void)state;
    assert_true(ch_nuonuo_tax_rate("0.06", &rate));
    assert_int_equal(rate, 600);
    assert_true(ch_nuonuo_tax_rate("0.1", &rate));
    assert_int_equal(rate, 1000);
    assert_true(ch_nuonuo_tax_rate("0.0075", &rate));
    assert_int_equal(rate, 75);
    assert_true(ch_nuonuo_tax_rate("0", &rate));
    assert_int_equal(rate, 0);
    static const char *const bad[] = {"", "0.", "6", "1.0", "0.00075", "0,06", "-0.06", "0.06 ", ".06"};
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        assert_false(ch_nuonuo_tax_rate(bad[i], &rate));
    assert_int_equal(ch_nuonuo_tax_within(10600, 600), 600);
    assert_int_equal(ch_nuonuo_tax_within(30000, 600), 1698); /* 1698.11 */
    assert_int_equal(ch_nuonuo_tax_within(1, 600), 0);
    assert_int_equal(ch_nuonuo_tax_within(9, 600), 1);        /* 0.509 */
    assert_int_equal(ch_nuonuo_tax_within(53, 600), 3);       /* exactly */
    assert_int_equal(ch_nuonuo_tax_within(12, 10000 - 2), 6); /* 5.9994 */
    assert_int_equal(ch_nuonuo_tax_within(11, 10000), 6);     /* 5.5, half up */
    assert_int_equal(ch_nuonuo_tax_within(-30000, 600), -1698);
    assert_int_equal(ch_nuonuo_tax_within(CH_INVOICE_MAX, 600), INT64_C(56603773584906));
}

static void yuan(void **state)
{
    static const char *const bad[] = {"", ".01", "1.", "1.234", "1,00", "1e3", "--1", "99999999999999", " 1", "1.5x"};
    int64_t fen;

    (void)state;
    assert_string_equal(ch_nuonuo_yuan(a, 1), "0.01");
    assert_string_equal(ch_nuonuo_yuan(a, -5), "-0.05");
    assert_string_equal(ch_nuonuo_yuan(a, 123456), "1234.56");
    assert_true(ch_nuonuo_read_yuan("1234.56", &fen) && fen == 123456);
    assert_true(ch_nuonuo_read_yuan("-300", &fen) && fen == -30000);
    assert_true(ch_nuonuo_read_yuan("12.5", &fen) && fen == 1250);
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        assert_false(ch_nuonuo_read_yuan(bad[i], &fen));
}

static void forms(void **state)
{
    static const char body[] = "a=1&bb=x%20y+z&empty=&broken=%4&%E4%B8%AD=1&a=2";
    struct ch_buf b;

    (void)state;
    assert_string_equal(ch_formdata_field(a, CH_LIT(body), "a"), "1");
    assert_string_equal(ch_formdata_field(a, CH_LIT(body), "bb"), "x y z");
    assert_string_equal(ch_formdata_field(a, CH_LIT(body), "empty"), "");
    assert_null(ch_formdata_field(a, CH_LIT(body), "b"));
    assert_null(ch_formdata_field(a, CH_LIT(body), "broken"));
    assert_null(ch_formdata_field(a, CH_LIT(""), "a"));
    ch_buf_init(&b, a);
    ch_formdata_put(&b, "x", "中 &=");
    ch_formdata_put(&b, "y", "");
    assert_string_equal(b.p, "x=%E4%B8%AD%20%26%3D&y=");
}

static struct ch_answer answer_to(const char *text, const struct ch_json **result)
{
    return ch_nuonuo_answer(a, 200, CH_BYTES(text, strlen(text)), result);
}

static void answers(void **state)
{
    const struct ch_json *result;

    (void)state;
    struct ch_answer x =
        answer_to("{\"code\":\"E0000\",\"describe\":\"ok\",\"result\":{\"invoiceSerialNum\":\"7\"}}", &result);
    assert_int_equal(x.outcome, CH_ACCEPTED);
    assert_string_equal(ch_nuonuo_text(result, "invoiceSerialNum"), "7");
    x = answer_to("{\"code\":\"E9106\",\"describe\":\"订单编号不能重复\"}", &result);
    assert_int_equal(x.outcome, CH_REFUSED);
    assert_string_equal(x.message, "订单编号不能重复");
    x = answer_to("{\"code\":\"070304\",\"describe\":\"token\"}", &result);
    assert_int_equal(x.outcome, CH_UNKNOWN);
    assert_string_equal(x.code, "070304");
    static const char *const bad[] = {"", "<html>", "[]", "{}", "{\"code\":null}", "{\"code\":{}}"};
    for (size_t i = 0; i < CH_COUNT(bad); i++) {
        x = answer_to(bad[i], &result);
        assert_int_equal(x.outcome, CH_UNKNOWN);
        assert_null(result);
    }
    assert_int_equal(ch_nuonuo_answer(a, 502, CH_LIT("{\"code\":\"E0000\"}"), &result).outcome, CH_UNKNOWN);
}

static struct ch_invoice_status status_of(const char *text)
{
    struct ch_invoice_status out;
    struct ch_json *row;

    assert_int_equal(ch_json_parse(a, CH_BYTES(text, strlen(text)), &row, NULL), CH_JSON_OK);
    ch_nuonuo_read_status(row, &out);
    return out;
}

static void statuses(void **state)
{
    (void)state;
    struct ch_invoice_status s = status_of("{\"serialNo\":\"S1\",\"orderNo\":\"O1\",\"status\":\"2\",\"statusMsg\":"
                                           "\"开票完成\",\"pdfUrl\":\"https://x/p\","
                                           "\"allElectronicInvoiceNumber\":\"26442000000000000001\",\"invoiceTime\":"
                                           "1790121600000,\"orderAmount\":\"300.00\","
                                           "\"exTaxAmount\":283.02,\"taxAmount\":\"16.98\"}");
    assert_int_equal(s.state, CH_INVOICE_DONE);
    assert_string_equal(s.number, "26442000000000000001");
    assert_string_equal(s.pdf, "https://x/p");
    assert_string_equal(s.ofd, "");
    assert_string_equal(s.cause, "");
    assert_int_equal(s.issued, 1790121600);
    assert_int_equal(s.total_fen, 30000);
    assert_int_equal(s.net_fen, 28302);
    assert_int_equal(s.tax_fen, 1698);
    s = status_of("{\"status\":22,\"failCause\":\"开票员未登录\",\"statusMsg\":\"开票失败\"}");
    assert_int_equal(s.state, CH_INVOICE_FAILED);
    assert_string_equal(s.cause, "开票员未登录");
    assert_true(s.total_fen == INT64_MIN);
    assert_int_equal(status_of("{\"status\":\"24\"}").state, CH_INVOICE_FAILED);
    assert_int_equal(status_of("{\"status\":\"3\"}").state, CH_INVOICE_VOID);
    assert_int_equal(status_of("{\"status\":\"20\"}").state, CH_INVOICE_WORKING);
    assert_int_equal(status_of("{\"status\":\"99\"}").state, CH_INVOICE_WORKING);
    assert_int_equal(status_of("{\"status\":\"2\"}").state, CH_INVOICE_WORKING); /* done, but without a number */
    assert_int_equal(status_of("[]").state, CH_INVOICE_WORKING);
}

static void callbacks(void **state)
{
    struct ch_invoice_hint hint;

    (void)state;
    assert_int_equal(ch_nuonuo_callback(a, NULL,
                                        CH_LIT("operater=callback&orderno=O1&content="
                                               "%7B%22c_fpqqlsh%22%3A%22S1%22%2C%22c_status%22%3A%221%22%7D"),
                                        &hint),
                     CH_OK);
    assert_string_equal(hint.order_no, "O1");
    assert_string_equal(hint.serial, "S1");
    assert_int_equal(ch_nuonuo_callback(a, NULL, CH_LIT("operater=callback&orderno=O1&content={}"), &hint), CH_OK);
    assert_string_equal(hint.serial, "");
    static const char *const bad[] = {
        "",
        "operater=callback",
        "operater=other&orderno=O1&content={}",
        "operater=callback&orderno=&content={}",
        "operater=callback&orderno=O1",
        "operater=callback&orderno=O1&content=[]",
        "operater=callback&orderno=%00&content={}",
        "operater=callback&orderno=O1&content={\"a\":1",
        "{\"operater\":\"callback\"}",
    };
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        assert_int_equal(ch_nuonuo_callback(a, NULL, CH_BYTES(bad[i], strlen(bad[i])), &hint), CH_E_MALFORMED);
}

/* Nothing is sent for an invoice that cannot be right. */
static void wrong_invoices(void **state)
{
    static const struct ch_invoice_line lines[] = {{"证书服务", 20000}, {"快递", 10000}}, minus[] = {{"x", -1}, {"y", 2}};
    static char long_number[66];
    struct ch_invoice good = {"O1", CH_INVOICE_PLAIN, "张三", NULL, NULL, NULL, NULL, lines, 2, 30000}, bad[6];
    struct ch_answer answer;
    const char *serial;

    (void)state;
    memset(long_number, 'x', 65);
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        bad[i] = good;
    bad[0].total_fen = 29999;
    bad[1].total_fen = 30001;
    bad[2].n = 0;
    bad[3].kind = CH_INVOICE_SPECIAL;
    bad[4].order_no = long_number;
    bad[5].lines = minus;
    bad[5].total_fen = 1;
    for (size_t i = 0; i < CH_COUNT(bad); i++) {
        struct ch_fault f = {0};
        assert_int_equal(ch_nuonuo_request(a, &f, &bad[i], &answer, &serial), CH_E_INVALID);
        assert_non_null(strstr(f.detail, "nuonuo"));
    }
}

/* --- the token's file --- */

static const char *path(const char *ending)
{
    return ch_printf(a, "%s/%s", folder, ending);
}

static void put(const char *ending, const char *text)
{
    FILE *f = fopen(path(ending), "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int lines_in(const char *ending)
{
    FILE *f = fopen(path(ending), "r");
    int n = 0;

    for (int c; f != NULL && (c = fgetc(f)) != EOF;)
        n += c == '\n';
    if (f != NULL)
        fclose(f);
    return n;
}

static int64_t lasts = 86400;
static enum ch_outcome says = CH_ACCEPTED;

/* A slow vendor that notes each call. */
static enum ch_err fetch(struct ch_arena *arena, struct ch_fault *f, struct ch_answer *answer, struct ch_token *out)
{
    int fd = open(path("calls"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    (void)f;
    assert_true(fd >= 0 && write(fd, "x\n", 2) == 2);
    close(fd);
    usleep(100 * 1000);
    *answer = (struct ch_answer){says, says == CH_ACCEPTED ? "" : "070305", "", ""};
    *out = (struct ch_token){ch_printf(arena, "T%d", lines_in("calls")), ch_now_ms() / 1000 + lasts};
    return CH_OK;
}

static const struct ch_token_source source = {"vendor", "client", 50, INT64_C(30) * 86400, fetch};

static const char *get(const struct ch_token_source *s, const char *rejected, struct ch_answer *answer)
{
    const char *token;
    assert_int_equal(ch_token_get(a, NULL, s, rejected, answer, &token), CH_OK);
    return token;
}

static int clean(void **state)
{
    (void)state;
    unlink(path("calls"));
    unlink(path("vendor.json"));
    lasts = 86400;
    says = CH_ACCEPTED;
    return 0;
}

static void kept(void **state)
{
    struct ch_answer answer;
    struct stat st;

    (void)state;
    assert_string_equal(get(&source, NULL, &answer), "T1");
    assert_string_equal(get(&source, NULL, &answer), "T1");
    assert_int_equal(lines_in("calls"), 1);
    assert_int_equal(stat(path("vendor.json"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(access(path("vendor.new"), F_OK), -1);
    assert_string_equal(get(&source, "T1", &answer), "T2"); /* the vendor refused it */
    assert_string_equal(get(&source, "T1", &answer), "T2"); /* which another process has seen to */
    struct ch_token_source other = source;
    other.client = "another";
    assert_string_equal(get(&other, NULL, &answer), "T3");
}

static void ends(void **state)
{
    struct ch_answer answer;

    (void)state;
    lasts = 30; /* within the margin: good for this call, not for the next */
    assert_string_equal(get(&source, NULL, &answer), "T1");
    assert_string_equal(get(&source, NULL, &answer), "T2");
}

static void refused(void **state)
{
    struct ch_answer answer;

    (void)state;
    says = CH_REFUSED;
    assert_null(get(&source, NULL, &answer));
    assert_int_equal(answer.outcome, CH_UNKNOWN);
    assert_string_equal(answer.code, "070305");
    assert_int_equal(access(path("vendor.json"), F_OK), -1); /* it does not count */
}

static void fetched_by_one(void **state)
{
    int status, good = 0;
    pid_t pids[6];

    (void)state;
    for (size_t i = 0; i < CH_COUNT(pids); i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            struct ch_answer answer;
            const char *token;
            _exit(ch_token_get(a, NULL, &source, NULL, &answer, &token) == CH_OK && strcmp(token, "T1") == 0 ? 0 : 1);
        }
    }
    for (size_t i = 0; i < CH_COUNT(pids); i++)
        good += waitpid(pids[i], &status, 0) == pids[i] && status == 0;
    assert_int_equal(good, 6);
    assert_int_equal(lines_in("calls"), 1);
}

static void broken_file(void **state)
{
    static const char *const texts[] = {"",
                                        "{",
                                        "[]",
                                        "{\"token\":\"old\"}",
                                        "null",
                                        "{\"client\":\"client\",\"token\":\"old\",\"expires\":\"soon\",\"fetched\":[]}",
                                        "{\"client\":\"client\",\"token\":null,\"expires\":1,\"fetched\":[null,\"x\",1e3]}"};
    struct ch_answer answer;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(texts); i++) {
        put("vendor.json", texts[i]);
        assert_string_equal(get(&source, NULL, &answer), ch_printf(a, "T%zu", i + 1));
        assert_string_equal(get(&source, NULL, &answer), ch_printf(a, "T%zu", i + 1));
    }
}

/* The file after that many fetches: each was a day ago, except the first, which is `first_age` seconds old. */
static void put_fetches(int n, int64_t first_age)
{
    int64_t now = ch_now_ms() / 1000;
    struct ch_buf b;

    ch_buf_init(&b, a);
    ch_buf_printf(&b, "{\"client\":\"client\",\"token\":\"old\",\"expires\":1,\"fetched\":[%lld",
                  (long long)(now - first_age));
    for (int i = 1; i < n; i++)
        ch_buf_printf(&b, ",%lld", (long long)(now - 86400));
    ch_buf_puts(&b, "]}");
    put("vendor.json", b.p);
}

static void fifty_first(void **state)
{
    struct ch_answer answer;

    (void)state;
    put_fetches(50, INT64_C(29) * 86400);
    assert_null(get(&source, NULL, &answer));
    assert_int_equal(answer.outcome, CH_UNKNOWN);
    assert_string_equal(answer.code, "token_limit");
    assert_int_equal(lines_in("calls"), 0);
    put_fetches(50, INT64_C(31) * 86400); /* the first no longer counts */
    assert_string_equal(get(&source, NULL, &answer), "T1");
    assert_null(get(&source, "T1", &answer));
    assert_int_equal(lines_in("calls"), 1);
}

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    if (mkdtemp(folder) == NULL)
        return -1;
    return ch_config_parse(ch_printf(a, "tokens = %s\n", folder)) ? 0 : -1;
}

static int end(void **state)
{
    clean(state);
    unlink(path("vendor.lock"));
    rmdir(folder);
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_signature),
        cmocka_unit_test(every_part_counts),
        cmocka_unit_test(tax),
        cmocka_unit_test(yuan),
        cmocka_unit_test(forms),
        cmocka_unit_test(answers),
        cmocka_unit_test(statuses),
        cmocka_unit_test(callbacks),
        cmocka_unit_test(wrong_invoices),
        cmocka_unit_test_setup(kept, clean),
        cmocka_unit_test_setup(ends, clean),
        cmocka_unit_test_setup(refused, clean),
        cmocka_unit_test_setup(fetched_by_one, clean),
        cmocka_unit_test_setup(broken_file, clean),
        cmocka_unit_test_setup(fifty_first, clean),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
