/* SPDX-License-Identifier: Apache-2.0
 * Browsers in words, from User-Agent headers as browsers send them. */
#include "modules/gate/device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void in_words(void **state)
{
    static const struct {
        const char *agent, *words;
    } cases[] = {
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
         "Chrome 浏览器 · Windows 电脑"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 "
         "Edg/130.0.0.0",
         "Edge 浏览器 · Windows 电脑"},
        {"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0 Mobile "
         "Safari/537.36 MicroMessenger/8.0.50",
         "微信 · 安卓手机"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
         "Mobile/15E148 Safari/604.1",
         "Safari 浏览器 · iPhone 手机"},
        {"Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko", "IE 浏览器 · Windows 电脑"},
        {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 浏览器 · Linux 电脑"},
        {"node", "未知设备"},
        {"", "未知设备"},
        {"Linux <script>alert(1)</script>", "Linux 电脑"},
    };

    for (size_t i = 0; i < CH_COUNT(cases); i++)
        assert_string_equal(gate_device_words(*state, cases[i].agent), cases[i].words);
}

static int setup(void **state)
{
    *state = ch_arena_new();
    return 0;
}

static int teardown(void **state)
{
    ch_arena_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(in_words, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
