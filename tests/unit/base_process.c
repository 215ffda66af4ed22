/* SPDX-License-Identifier: Apache-2.0
 * Settings, errors, log lines, time and randomness. */
#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/base/random.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct ch_arena *a;

/* The text that f writes to standard error. */
static char *stderr_of(void (*f)(void))
{
    static char text[8192];
    FILE *file = tmpfile();
    int before = dup(STDERR_FILENO);

    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    f();
    fflush(stderr);
    dup2(before, STDERR_FILENO);
    close(before);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void settings_have_defaults(void **state)
{
    (void)state;
    assert_true(ch_config_parse(""));
    for (enum ch_conf i = 0; i < CH_CONF__COUNT; i++)
        assert_string_equal(ch_conf(i), ch_conf_row(i)->def);
}

/* The tests' settings make these cheap, but an installation must not begin with cheap ones. */
static void default_costs_are_dear(void **state)
{
    (void)state;
    assert_true(ch_config_parse(""));
    assert_true(ch_conf_int(CONF_SCRYPT_LOG_N) >= 15);
    assert_true(ch_conf_int(CONF_PKCS12_ITER) >= 600000);
    assert_false(ch_conf_bool(CONF_SANDBOX));
}

static void settings_are_read(void **state)
{
    (void)state;
    assert_true(ch_config_parse(
        "# a comment\n\n  threads=7\n\tdb_pool =  3 \r\nproduction = yes\norigin = http://h:1/x=y\nthreads = 9"));
    assert_int_equal(ch_conf_int(CONF_THREADS), 9); /* the last line with a key counts */
    assert_int_equal(ch_conf_int(CONF_DB_POOL), 3);
    assert_true(ch_conf_bool(CONF_PRODUCTION));
    assert_string_equal(ch_conf(CONF_ORIGIN), "http://h:1/x=y");
    assert_true(ch_config_parse("brand_name =\n"));
    assert_string_equal(ch_conf(CONF_BRAND_NAME), "");
    assert_int_equal(ch_conf_int(CONF_THREADS), 4); /* what was read before is gone */
}

static const char *bad_settings;

static void read_bad_settings(void)
{
    if (ch_config_parse(bad_settings))
        fputs("taken", stderr);
}

static void settings_refuse(void **state)
{
    static const char *const rows[][2] = {
        {"thread = 4\n", "line 1: unknown key thread"},
        {"\nthreads\n", "line 2: no '='"},
        {"threads = four\n", "line 1: threads: not a valid value"},
        {"threads = 4x\n", "threads: not a valid value"},
        {"threads =\n", "threads: not a valid value"},
        {"threads = 99999999999999999999\n", "threads: not a valid value"},
        {"production = true\n", "production: not a valid value"},
    };

    (void)state;
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        bad_settings = rows[i][0];
        const char *said = stderr_of(read_bad_settings);
        if (strstr(said, rows[i][1]) == NULL)
            fail_msg("%s: %s", rows[i][0], said);
    }
    assert_true(ch_config_parse(""));
}

static void load_settings(void)
{
    if (ch_config_load())
        fputs("taken", stderr);
}

static void settings_come_from_a_file(void **state)
{
    char path[] = "/tmp/ch-settings-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(write(fd, "threads = 3\n", 12) == 12);
    close(fd);
    setenv("CERTHALL_CONF", path, 1);
    assert_string_equal(stderr_of(load_settings), "taken");
    assert_int_equal(ch_conf_int(CONF_THREADS), 3);
    unlink(path);
    assert_non_null(strstr(stderr_of(load_settings), path));
    unsetenv("CERTHALL_CONF");
    assert_non_null(strstr(stderr_of(load_settings), "CERTHALL_CONF"));
}

static void every_error_has_its_row(void **state)
{
    (void)state;
    for (enum ch_err e = CH_OK + 1; e < CH_E__COUNT; e++) {
        const struct ch_err_row *row = ch_err_row(e);
        assert_in_range(row->status, 400, 599);
        assert_true(strlen(row->word) > 0 && strlen(row->sentence) > 0);
        assert_int_equal(row->ours, row->status >= 500);
        for (enum ch_err other = CH_OK + 1; other < e; other++)
            assert_string_not_equal(row->word, ch_err_row(other)->word);
    }
    assert_ptr_equal(ch_err_row(CH_OK), ch_err_row(CH_E_INTERNAL));
    assert_ptr_equal(ch_err_row((enum ch_err)999), ch_err_row(CH_E_INTERNAL));
}

static void the_first_fault_stays(void **state)
{
    struct ch_fault f = {0};

    (void)state;
    assert_int_equal(ch_fault(&f, CH_E_VENDOR, "code %d", 7), CH_E_VENDOR);
    assert_int_equal(ch_fault(&f, CH_E_INTERNAL, "later"), CH_E_INTERNAL);
    assert_int_equal(ch_refuse(&f, CH_E_CONFLICT, "/x", "later"), CH_E_CONFLICT);
    assert_int_equal(f.code, CH_E_VENDOR);
    assert_string_equal(f.detail, "code 7");
    assert_string_equal(f.sentence, "");
    assert_int_equal(ch_fault(NULL, CH_E_GONE, "nobody listens"), CH_E_GONE);
}

static void a_refusal_says_why(void **state)
{
    struct ch_fault f = {0};
    char long_text[600];

    (void)state;
    ch_refuse(&f, CH_E_INVALID, "/form/unit_code", "请核对。");
    assert_string_equal(f.pointer, "/form/unit_code");
    assert_string_equal(f.sentence, "请核对。");
    ch_fault(&f, CH_E_VENDOR, "of another kind");
    assert_string_equal(f.detail, "");
    ch_fault(&f, CH_E_INVALID, "for the log"); /* the sentence stays */
    ch_fault(&f, CH_E_INVALID, "later");
    assert_string_equal(f.detail, "for the log");
    assert_string_equal(f.sentence, "请核对。");
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    f = (struct ch_fault){0};
    ch_refuse(&f, CH_E_INVALID, NULL, long_text);
    assert_int_equal(strlen(f.sentence), sizeof f.sentence - 1);
}

static void write_log_lines(void)
{
    char long_text[3000];

    memset(long_text, '"', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    ch_log_program("unit");
    ch_log(CH_DEBUG, NULL, "not shown");
    ch_log(CH_WARN, "id-1", "tab\there, \"quoted\" \\ and\nnew line");
    ch_log(CH_ERROR, NULL, "%s", long_text);
    ch_log_level(CH_ERROR);
    ch_log(CH_WARN, NULL, "not shown");
    ch_log_level(CH_INFO);
}

static void a_log_line_is_one_json_object(void **state)
{
    char *text = stderr_of(write_log_lines), *second = strchr(text, '\n') + 1;

    (void)state;
    assert_non_null(strstr(text, "\"level\":\"warn\",\"program\":\"unit\""));
    assert_non_null(
        strstr(text, "\"request\":\"id-1\",\"msg\":\"tab\\u0009here, \\\"quoted\\\" \\\\ and\\u000anew line\"}\n"));
    assert_non_null(strstr(second, "\"request\":\"\""));
    assert_string_equal(second + strlen(second) - 4, "\\\"\"}\n" + 1);
    assert_null(strstr(text, "not shown"));
}

static void times_written(void **state)
{
    (void)state;
    assert_string_equal(ch_rfc3339(a, 0), "1970-01-01T08:00:00+08:00");
    assert_string_equal(ch_rfc3339(a, 1795251863), "2026-11-21T17:04:23+08:00");
    assert_string_equal(ch_beijing(a, 1795251863, "%Y%m%d"), "20261121");
    assert_string_equal(ch_utc(a, 1795251863, "%Y-%m-%dT%H:%M:%SZ"), "2026-11-21T09:04:23Z");
    assert_string_equal(ch_utc(a, 1795276800, "%F"), "2026-11-21");
    assert_string_equal(ch_beijing(a, 1795276800, "%F"), "2026-11-22"); /* midnight of the other zone */
}

static void times_read(void **state)
{
    (void)state;
    assert_int_equal(ch_parse_rfc3339("1970-01-01T08:00:00+08:00"), 0);
    assert_int_equal(ch_parse_rfc3339("2026-11-21T17:04:23+08:00"), 1795251863);
    assert_int_equal(ch_parse_rfc3339("2026-11-21T09:04:23Z"), 1795251863);
    assert_int_equal(ch_parse_rfc3339("2026-11-21t09:04:23.987z"), 1795251863);
    assert_int_equal(ch_parse_rfc3339("2026-11-21 04:04:23-05:00"), 1795251863);
    assert_int_equal(ch_parse_rfc3339("2024-02-29T00:00:00Z"), 1709164800);
}

static void times_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "2026-11-21",
        "2026-11-21T09:04:23",
        "2026-11-21T09:04Z",
        "21.11.2026 09:04",
        "2026-11-21T09:04:23+08:00x",
        "2026-11-21T09:04:23 08:00",
        "2026/11/21T09:04:23Z",
        "now",
    };

    (void)state;
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        if (ch_parse_rfc3339(bad[i]) != -1)
            fail_msg("%s was read", bad[i]);
}

static void times_of_beijing(void **state)
{
    static const char *const bad[] = {"",
                                      "2026-11-21",
                                      "2026-11-21T17:04:23",
                                      "2026-11-21 17:04",
                                      "2026-11-21 17:04:23Z",
                                      "2026-02-30 17:04:23",
                                      "2026-11-21 17:04:23.00000000000000000000000000"};
    static const char *const bad_days[] = {"",           "2026-11-2",  "2026-11-211",
                                           "2026-02-30", "21.11.2026", "2026-11-21 00:00:00"};

    (void)state;
    assert_int_equal(ch_parse_beijing("2026-11-21 17:04:23"), 1795251863);
    assert_int_equal(ch_parse_beijing("2026-11-21 17:04:23.987"), 1795251863);
    assert_int_equal(ch_parse_day("2026-11-22"), 1795276800);
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        if (ch_parse_beijing(bad[i]) != -1)
            fail_msg("%s was read", bad[i]);
    for (size_t i = 0; i < CH_COUNT(bad_days); i++)
        if (ch_parse_day(bad_days[i]) != -1)
            fail_msg("%s was read", bad_days[i]);
}

static void clocks_go_on(void **state)
{
    int64_t now = ch_now_ms(), tick = ch_tick_ms();

    (void)state;
    assert_true(now > 1700000000000);
    usleep(3000);
    assert_true(ch_tick_ms() >= tick + 3);
    assert_true(ch_now_ms() >= now);
}

static void uuids(void **state)
{
    static const char *const bad[] = {"",
                                      "0192",
                                      "0192f0c1-0000-7000-8000-00000000000",
                                      "0192f0c1-0000-7000-8000-0000000000000",
                                      "0192F0C1-0000-7000-8000-000000000000",
                                      "0192f0c1x0000-7000-8000-000000000000"};
    char *last = NULL;
    uint64_t high, low;
    const uint64_t before = (uint64_t)ch_now_ms();

    (void)state;
    for (int i = 0; i < 50; i++) {
        char *id = ch_uuid7(a);
        assert_true(ch_is_uuid(id));
        assert_int_equal(id[14], '7');
        assert_non_null(strchr("89ab", id[19]));
        assert_int_equal(sscanf(id, "%8" SCNx64 "-%4" SCNx64, &high, &low), 2);
        assert_in_range(high << 16 | low, before, (uint64_t)ch_now_ms());
        if (last != NULL) {
            assert_true(strncmp(last, id, 13) <= 0);
            assert_string_not_equal(last, id);
        }
        last = id;
    }
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        assert_false(ch_is_uuid(bad[i]));
}

static void random_text_is_even(void **state)
{
    int seen[256] = {0};
    char *s = ch_random_text(a, "0123456789", 20000);

    (void)state;
    assert_int_equal(strlen(s), 20000);
    for (int i = 0; s[i] != '\0'; i++)
        seen[(unsigned char)s[i]]++;
    for (int c = '0'; c <= '9'; c++)
        assert_in_range(seen[c], 1700, 2300); /* 7 standard deviations */
    assert_string_equal(ch_random_text(a, "x", 3), "xxx");
}

static int set_up(void **state)
{
    (void)state;
    a = ch_arena_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_have_defaults),
        cmocka_unit_test(default_costs_are_dear),
        cmocka_unit_test(settings_are_read),
        cmocka_unit_test(settings_refuse),
        cmocka_unit_test(settings_come_from_a_file),
        cmocka_unit_test(every_error_has_its_row),
        cmocka_unit_test(the_first_fault_stays),
        cmocka_unit_test(a_refusal_says_why),
        cmocka_unit_test(a_log_line_is_one_json_object),
        cmocka_unit_test(times_written),
        cmocka_unit_test(times_read),
        cmocka_unit_test(times_refused),
        cmocka_unit_test(times_of_beijing),
        cmocka_unit_test(clocks_go_on),
        cmocka_unit_test(uuids),
        cmocka_unit_test(random_text_is_even),
    };
    return cmocka_run_group_tests_name("base_process", tests, set_up, tear_down);
}
