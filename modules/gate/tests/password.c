/* SPDX-License-Identifier: Apache-2.0
 * Which passwords may be chosen: what is refused, each for its reason, and what is not. */
#include "modules/gate/password.h"

#include "core/base/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void refused(const char *password, const char *reason)
{
    const char *said = gate_rule_password(password);

    if (said == NULL || strstr(said, reason) == NULL)
        fail_msg("%s: %s", password, said == NULL ? "may be chosen" : said);
}

static void what_many_choose(void **state)
{
    (void)state;
    refused("manchester", "太常见");
    refused("MANCHESTER", "太常见");
    refused("1q2w3e4r5t", "太常见");
    refused("aaaaaaaaaa", "太常见");
    refused("abcabcabcabc", "太常见");
    refused("01234567890", "太常见");
    refused("zyxwvutsrq", "太常见");
}

static void with_something_added(void **state)
{
    (void)state;
    refused("manchester1990", "加数字或符号");
    refused("!!Qwerty123!", "加数字或符号");
    refused("CertHall2026!", "加数字或符号");
    refused("2026yingyeting", "加数字或符号");
    assert_null(gate_rule_password("qwerty83726194"));  /* most of it is not the word */
    assert_null(gate_rule_password("manchester rain")); /* another word is no sign */
}

static void numbers_of_the_person(void **state)
{
    (void)state;
    refused("13800138000", "手机号码");
    refused("11010519491231002X", "身份证");
}

static void any_kind_of_characters(void **state)
{
    char longest[72 * 4 + 2] = "";

    (void)state;
    assert_null(gate_rule_password("correct horse battery"));
    assert_null(gate_rule_password("8372619450"));
    assert_null(gate_rule_password("春眠不觉晓处处"));
    memcpy(longest, "春", 3);
    for (size_t i = 1; i < 72; i++)
        memcpy(longest + 3 * i, "章", 3);
    assert_null(gate_rule_password(longest));
    memset(longest, 'x', sizeof longest - 1);
    refused(longest, "过长");
}

/* The list is not in the order of its bytes. */
static int lists(void **state)
{
    char list[] = "/tmp/certhall-list-XXXXXX", conf[] = "/tmp/certhall-conf-XXXXXX";
    FILE *f = fdopen(mkstemp(list), "w"), *c = fdopen(mkstemp(conf), "w");

    (void)state;
    if (f == NULL || c == NULL)
        return 1;
    fputs("qwerty\nmanchester\n1q2w3e4r5t\nabcdef", f);
    fprintf(c, "common_passwords = %s\n", list);
    fclose(f);
    fclose(c);
    setenv("CERTHALL_CONF", conf, 1);
    bool good = ch_config_load() && gate_passwords_load();
    unlink(list);
    good = good && !gate_passwords_load(); /* without the file nobody is let in */
    unlink(conf);
    return good ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_many_choose),
        cmocka_unit_test(with_something_added),
        cmocka_unit_test(numbers_of_the_person),
        cmocka_unit_test(any_kind_of_characters),
    };
    return cmocka_run_group_tests(tests, lists, NULL);
}
