/* SPDX-License-Identifier: Apache-2.0
 * The check of an export of the log: genuine ones, of any number of subjects, and each way in which one can be tampered with. The logs and
 * their key are made here. */
#include "core/order/log_check.h"

#include "core/base/buf.h"
#include "core/base/codec.h"
#include "core/crypto/merkle.h"
#include "core/crypto/sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define LINES_MOST 10000

static struct ch_arena *a;
static EVP_PKEY *key;

/* A file, line by line. */
struct file {
    const char *lines[LINES_MOST];
    size_t n;
};

static void add(struct file *f, const char *line)
{
    assert_true(f->n < LINES_MOST);
    f->lines[f->n++] = line;
}

/* The last line that fits those before it. */
static const char *last_line(const struct file *f, int64_t leaves, int64_t heads)
{
    struct ch_log_mark mark = {0};

    for (size_t i = 0; i < f->n; i++)
        ch_log_mark_line(a, &mark, CH_BYTES(f->lines[i], strlen(f->lines[i])));
    return ch_printf(a, "{\"leaves\":%lld,\"heads\":%lld,\"mark\":\"%s\"}", (long long)leaves, (long long)heads,
                     ch_hex(a, CH_BYTES(mark.is, sizeof mark.is)));
}

static const char *subject_of(int row, int subjects)
{
    return ch_printf(a, "01a20f1a-341a-75a6-b685-%012d", row % subjects);
}

static const char *head_line(const struct ch_merkle *tree, EVP_PKEY *by)
{
    unsigned char root[CH_SM3_BYTES];
    struct ch_bytes signature;

    ch_merkle_root(tree, root);
    assert_true(ch_sign(a, by, NULL, ch_merkle_statement(a, tree->size, root), &signature));
    return ch_printf(a, "{\"size\":%llu,\"root\":\"%s\",\"signed_at\":\"2026-11-25T03:%02d:00+08:00\",\"signature\":\"%s\"}",
                     (unsigned long long)tree->size, ch_hex(a, CH_BYTES(root, sizeof root)), (int)(tree->size % 60),
                     ch_base64(a, signature));
}

/* An export of `rows` rows, which belong to the subjects by turns, with a head after each `every` rows and after the last one. The
 * first `bare` rows are there as digests alone. The rows say `word`. */
static struct file *export(int rows, int subjects, int every, int bare, const char *word)
{
    struct file *f = CH_NEW(a, struct file);
    unsigned char(*heads)[CH_SM3_BYTES] = ch_alloc_array(a, (size_t)subjects, CH_SM3_BYTES), leaf[CH_SM3_BYTES];
    struct ch_merkle tree = {0};
    int64_t signed_heads = 0;

    add(f, ch_printf(a, "{\"kind\":\"certhall log\",\"version\":1,\"size\":%d}", rows));
    for (int i = 0; i < rows; i++) {
        const char *subject = subject_of(i, subjects), *before = "";
        const char *text = ch_printf(a, "order|%s|%d|100|%s|r|{}", subject, i / subjects + 1, word);
        struct ch_buf b;
        ch_buf_init(&b, a);
        if (i >= subjects) {
            ch_buf_add(&b, heads[i % subjects], CH_SM3_BYTES);
            if (i - subjects < bare)
                before = ch_printf(a, "\"before\":\"%s\",", ch_hex(a, CH_BYTES(heads[i % subjects], CH_SM3_BYTES)));
        }
        ch_buf_puts(&b, text);
        ch_sm3(ch_buf_bytes(&b), heads[i % subjects]);
        ch_merkle_leaf_hash(CH_BYTES(heads[i % subjects], CH_SM3_BYTES), leaf);
        ch_merkle_add(&tree, leaf);
        if (i < bare)
            add(f, ch_printf(a, "{\"leaf\":%d,\"hash\":\"%s\"}", i, ch_hex(a, CH_BYTES(leaf, sizeof leaf))));
        else
            add(f, ch_printf(a, "{\"leaf\":%d,\"subject\":\"%s\",\"seq\":%d,%s\"head\":\"%s\",\"text\":\"%s\"}", i, subject,
                             i / subjects + 1, before, ch_hex(a, CH_BYTES(heads[i % subjects], CH_SM3_BYTES)), text));
        if ((i + 1) % every == 0 || i + 1 == rows) {
            add(f, head_line(&tree, key));
            signed_heads++;
        }
    }
    add(f, last_line(f, rows, signed_heads));
    return f;
}

/* Reads the file; *at is the number of the line that was read last, *seen what it says. */
static enum ch_log_result check(const struct file *f, const struct ch_log_seen *earlier, size_t *at, struct ch_log_seen *seen)
{
    struct ch_log_check *c = ch_log_check_new(key, earlier);
    enum ch_log_result result = CH_LOG_GOOD;

    for (*at = 0; result == CH_LOG_GOOD && *at < f->n; ++*at)
        result = ch_log_check_line(c, CH_BYTES(f->lines[*at], strlen(f->lines[*at])));
    if (result == CH_LOG_GOOD)
        result = ch_log_check_end(c);
    *seen = *ch_log_check_seen(c);
    ch_log_check_free(c);
    return result;
}

static void must(const struct file *f, enum ch_log_result wanted, size_t line)
{
    struct ch_log_seen seen;
    size_t at;

    assert_int_equal(check(f, NULL, &at, &seen), wanted);
    assert_int_equal(at, line);
}

static void test_genuine(void **state)
{
    static const int kinds[][4] = {{1, 1, 1, 0}, {2, 1, 1, 0}, {7, 3, 2, 0},         {9, 2, 4, 0},
                                   {9, 3, 4, 5}, {6, 6, 6, 6}, {4000, 1500, 900, 10}};
    struct ch_log_seen seen;
    size_t at;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(kinds); i++) {
        const int *k = kinds[i];
        assert_int_equal(check(export(k[0], k[1], k[2], k[3], "x"), NULL, &at, &seen), CH_LOG_GOOD);
        assert_int_equal(seen.leaves, k[0]);
        assert_int_equal(seen.bare, k[3]);
        assert_int_equal(seen.heads, (k[0] + k[2] - 1) / k[2]);
        assert_int_equal(seen.subjects, k[3] == 6 ? 0 : k[1]);
    }
}

/* The text with one place replaced. */
static const char *with(const char *text, const char *what, const char *by)
{
    const char *place = strstr(text, what);

    assert_non_null(place);
    return ch_printf(a, "%.*s%s%s", (int)(place - text), text, by, place + strlen(what));
}

static struct file *without(struct file *f, size_t line)
{
    memmove(f->lines + line, f->lines + line + 1, (f->n - line - 1) * sizeof *f->lines);
    f->n--;
    return f;
}

static struct file *swapped(struct file *f, size_t x, size_t y)
{
    const char *one = f->lines[x];

    f->lines[x] = f->lines[y];
    f->lines[y] = one;
    return f;
}

static struct file *replaced(struct file *f, size_t line, const char *what, const char *by)
{
    f->lines[line] = with(f->lines[line], what, by);
    return f;
}

/* Six rows of two subjects, a head after each two: lines 1, 2, head, 4, 5, head, 7, 8, head, last. */
static struct file *six(void)
{
    return export(6, 2, 2, 0, "x");
}

static void test_rows(void **state)
{
    (void)state;
    must(replaced(six(), 4, "|x|", "|y|"), CH_LOG_TEXT, 5);
    must(replaced(six(), 4, "\"seq\":2", "\"seq\":3"), CH_LOG_CHAIN, 5);
    must(replaced(six(), 4, "-000000000000\",", "-000000000001\","), CH_LOG_TEXT, 5);
    must(without(six(), 4), CH_LOG_LEAF, 5);
    must(swapped(six(), 4, 5), CH_LOG_LEAF, 5);
    struct file *f = six();
    must(replaced(without(f, 4), 4, "\"leaf\":3", "\"leaf\":2"), CH_LOG_HEAD, 6); /* numbered anew: a head is a row too late */
    f = six();                                                                    /* one row more */
    memmove(f->lines + 5, f->lines + 4, (f->n - 4) * sizeof *f->lines);
    f->n++;
    must(f, CH_LOG_LEAF, 6);
}

/* Rows that chain and have their texts' digests, but are not those that were signed. */
static void test_rows_made_anew(void **state)
{
    struct file *f = six(), *other = export(6, 2, 2, 0, "y");

    (void)state;
    for (size_t i = 1; i < f->n; i++)
        if (strstr(other->lines[i], "\"leaf\"") != NULL)
            f->lines[i] = other->lines[i];
    must(f, CH_LOG_ROOT, 4);
}

static void test_heads(void **state)
{
    struct ch_log_seen seen;
    size_t at;
    EVP_PKEY *mine = key;
    struct file *f = six();

    (void)state;
    must(without(f, 3), CH_LOG_COUNT, 10);
    f = six();
    must(without(f, 9), CH_LOG_COUNT, 10);
    f = six(); /* with the numbers made to fit: nothing signs the last rows */
    f->n -= 2;
    add(f, last_line(f, 6, 2));
    must(f, CH_LOG_UNSIGNED, 10);
    f = six();
    must(replaced(f, 3, "\"size\":2", "\"size\":1"), CH_LOG_HEAD, 4);
    f = six();
    must(swapped(f, 3, 6), CH_LOG_HEAD, 4);
    key = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    f = six(); /* signed by somebody else */
    EVP_PKEY_free(key);
    key = mine;
    assert_int_equal(check(f, NULL, &at, &seen), CH_LOG_SIGNATURE);
    assert_int_equal(at, 4);
}

static void test_ends(void **state)
{
    struct file *f = six();

    (void)state;
    f->n--;
    must(f, CH_LOG_CUT, 10);
    f->n = 0;
    must(f, CH_LOG_NONE, 0);
    f = six();
    add(f, f->lines[1]);
    must(f, CH_LOG_AFTER, 12);
    f = six();
    must(replaced(f, 3, "03:02:00", "03:03:00"), CH_LOG_MARK, 11); /* the time, which nothing signs */
    f = six();
    must(replaced(f, 0, "\"size\":6", "\"size\":5"), CH_LOG_LEAF, 9);
    f = six();
    must(replaced(f, 0, "\"size\":6", "\"size\":7"), CH_LOG_COUNT, 11);
}

static void test_no_lines(void **state)
{
    static const char *const firsts[] = {"",
                                         "{}",
                                         "[]",
                                         "1",
                                         "{\"kind\":\"certhall log\",\"version\":2,\"size\":1}",
                                         "{\"kind\":\"certhall log\",\"version\":1,\"size\":0}",
                                         "{\"kind\":\"certhall\",\"version\":1,\"size\":1}"};
    static const char *const parts[][2] = {{"\"leaf\":0", "\"leaf\":\"0\""},
                                           {"\"seq\":1", "\"seq\":0"},
                                           {"\"seq\":1", "\"sq\":1"},
                                           {"-341a-", "-341-a"},
                                           {"-341a-", "-341g-"},
                                           {"\"head\":\"", "\"head\":\"00"},
                                           {"\"text\"", "\"txt\""}};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(firsts); i++) {
        struct file *f = six();
        f->lines[0] = firsts[i];
        must(f, CH_LOG_NONE, 1);
    }
    for (size_t i = 0; i < CH_COUNT(parts); i++)
        must(replaced(six(), 1, parts[i][0], parts[i][1]), CH_LOG_NONE, 2);
    must(replaced(six(), 3, "\"root\"", "\"rot\""), CH_LOG_NONE, 4);
    must(replaced(six(), 3, "\"signature\":\"M", "\"signature\":\"!"), CH_LOG_NONE, 4);
    must(replaced(six(), 10, "\"heads\"", "\"head\""), CH_LOG_NONE, 11);
}

/* Rows whose earlier ones were taken away need the head before them. */
static void test_taken_away(void **state)
{
    struct file *f = export(6, 2, 2, 3, "x");

    (void)state;
    assert_non_null(strstr(f->lines[5], "before"));
    must(replaced(f, 5, "\"before\"", "\"bfore\""), CH_LOG_CHAIN, 6);
    f = export(6, 2, 2, 3, "x");
    must(replaced(f, 1, "\"hash\":\"", "\"hash\":\"00"), CH_LOG_NONE, 2);
    f = export(6, 2, 2, 3, "x");
    memcpy(strstr((char *)(uintptr_t)f->lines[1], "\"hash\":\"") + 8, "0123456789", 10);
    must(f, CH_LOG_ROOT, 4);
}

static enum ch_log_result compare(const struct file *earlier, const struct file *later)
{
    struct ch_log_seen then, now;
    size_t at;

    assert_int_equal(check(earlier, NULL, &at, &then), CH_LOG_GOOD);
    return check(later, &then, &at, &now);
}

static void test_compared(void **state)
{
    struct file *same = six();

    (void)state;
    assert_int_equal(compare(same, same), CH_LOG_GOOD);
    assert_int_equal(compare(export(6, 2, 6, 0, "x"), export(6, 2, 6, 0, "y")), CH_LOG_FORKED);
    assert_int_equal(compare(export(6, 2, 6, 0, "x"), export(4, 2, 4, 0, "x")), CH_LOG_SHORTER);
    assert_int_equal(compare(export(6, 2, 6, 0, "x"), export(8, 2, 2, 0, "y")), CH_LOG_FORKED);
    assert_int_equal(compare(export(6, 2, 6, 0, "x"), export(8, 2, 2, 0, "x")), CH_LOG_HEADS); /* one head there, three here */

    struct file *longer = CH_NEW(a, struct file), *whole = export(8, 2, 2, 0, "x");
    for (size_t i = 0; i < whole->n - 1; i++) /* the same six rows and their heads, and two rows more */
        add(longer, i == 0 || i >= same->n - 1 ? whole->lines[i] : same->lines[i]);
    add(longer, last_line(longer, 8, 4));
    assert_int_equal(compare(same, longer), CH_LOG_GOOD);
    longer->n--;
    without(longer, 3); /* a head of the earlier export is left out, and the last line made to fit */
    add(longer, last_line(longer, 8, 3));
    must(longer, CH_LOG_GOOD, longer->n);
    assert_int_equal(compare(same, longer), CH_LOG_HEADS);
}

static int set_up(void **state)
{
    (void)state;
    a = ch_arena_new();
    key = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    return key == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    EVP_PKEY_free(key);
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_genuine),    cmocka_unit_test(test_rows),     cmocka_unit_test(test_rows_made_anew),
        cmocka_unit_test(test_heads),      cmocka_unit_test(test_ends),     cmocka_unit_test(test_no_lines),
        cmocka_unit_test(test_taken_away), cmocka_unit_test(test_compared),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
