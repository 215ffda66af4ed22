/* SPDX-License-Identifier: Apache-2.0
 * Which addresses may be called, and what is told of those that may not. No name is looked up outside of this machine. */
#include "core/http/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct ch_arena *a;

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    ch_arena_free(a);
    return 0;
}

#define INSIDE "本机、内网或保留地址"

static const struct {
    const char *url;
    const char *test, *production; /* what the refusal contains; NULL: it is taken */
} rows[] = {
    {"https://1.1.1.1/hook", NULL, NULL},
    {"https://1.1.1.1:8443/hook?x=1", NULL, NULL},
    {"https://[2606:4700::1111]/", NULL, NULL},
    {"http://1.1.1.1/hook", "https://", "https://"},
    {"http://127.0.0.1:8080/hook", NULL, "https://"},
    {"http://[::1]/hook", NULL, "https://"},
    {"http://localhost/hook", "https://", "https://"},
    {"https://127.0.0.1/", NULL, INSIDE},
    {"https://127.1/", NULL, INSIDE},
    {"https://2130706433/", NULL, INSIDE},
    {"https://0x7f000001/", NULL, INSIDE},
    {"https://localhost/", NULL, INSIDE},
    {"https://[::1]/", NULL, INSIDE},
    {"https://169.254.169.254/latest/meta-data/", INSIDE, INSIDE},
    {"https://2852039166/", INSIDE, INSIDE},
    {"https://10.0.0.1/", INSIDE, INSIDE},
    {"https://172.16.5.4/", INSIDE, INSIDE},
    {"https://192.168.1.1/", INSIDE, INSIDE},
    {"https://0.0.0.0/", INSIDE, INSIDE},
    {"https://[::]/", INSIDE, INSIDE},
    {"https://[fe80::1]/", INSIDE, INSIDE},
    {"https://[fd00::1]/", INSIDE, INSIDE},
    {"https://[::ffff:10.0.0.1]/", INSIDE, INSIDE},
    {"https://user@1.1.1.1/", "用户名或密码", "用户名或密码"},
    {"https://user:word@1.1.1.1/", "用户名或密码", "用户名或密码"},
    {"https://:word@1.1.1.1/", "用户名或密码", "用户名或密码"},
    {"https://1.1.1.1@10.0.0.1/", "用户名或密码", "用户名或密码"},
    {"ftp://1.1.1.1/", "https://", "https://"},
    {"file:///etc/passwd", "无法识别", "无法识别"},
    {"javascript:alert(1)", "无法识别", "无法识别"},
    {"https://", "无法识别", "无法识别"},
    {"https:// 1.1.1.1/", "无法识别", "无法识别"},
    {"1.1.1.1/hook", "无法识别", "无法识别"},
    {"", "无法识别", "无法识别"},
};

static void assert_said(const char *url, const char *said, const char *wanted)
{
    if (wanted == NULL ? said != NULL : said == NULL || strstr(said, wanted) == NULL)
        fail_msg("%s: %s", url, said != NULL ? said : "taken");
}

static void addresses_are_taken_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        assert_said(rows[i].url, ch_url_wrong(a, rows[i].url, false), rows[i].test);
        assert_said(rows[i].url, ch_url_wrong(a, rows[i].url, true), rows[i].production);
    }
}

static void only_https_is_called_in_production(void **state)
{
    bool plain;

    (void)state;
    assert_true(ch_url_allowed(a, "https://vendor.example/", true, &plain));
    assert_false(plain);
    assert_true(ch_url_allowed(a, "http://127.0.0.11:8080/", false, &plain));
    assert_true(plain);
    assert_false(ch_url_allowed(a, "http://127.0.0.11:8080/", true, &plain));
    assert_false(ch_url_allowed(a, "http://localhost/", false, &plain));
    assert_false(ch_url_allowed(a, "http://vendor.example/", false, &plain));
    assert_false(ch_url_allowed(a, "nonsense", false, &plain));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_taken_or_refused),
        cmocka_unit_test(only_https_is_called_in_production),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
