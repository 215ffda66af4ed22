/* SPDX-License-Identifier: Apache-2.0
 * Recognizes browsers and systems by marks in the User-Agent. */
#include "modules/gate/device.h"

#include <stddef.h>
#include <string.h>

struct word {
    const char *mark, *name;
};

/* The first match counts, since most browsers also call themselves Chrome and Safari. */
static const struct word browsers[] = {
    {"MicroMessenger", "微信"},      {"AlipayClient", "支付宝"},    {"DingTalk", "钉钉"},
    {"QQBrowser", "QQ 浏览器"},      {"MetaSr", "搜狗浏览器"},      {"UCBrowser", "UC 浏览器"},
    {"HuaweiBrowser", "华为浏览器"}, {"MiuiBrowser", "小米浏览器"}, {"Edg", "Edge 浏览器"},
    {"OPR/", "Opera 浏览器"},        {"Firefox", "Firefox 浏览器"}, {"Trident", "IE 浏览器"},
    {"MSIE", "IE 浏览器"},           {"Chrome", "Chrome 浏览器"},   {"Safari", "Safari 浏览器"},
};
static const struct word systems[] = {
    {"OpenHarmony", "鸿蒙设备"}, {"HarmonyOS", "鸿蒙设备"},   {"Android", "安卓手机"},  {"iPhone", "iPhone 手机"},
    {"iPad", "iPad 平板"},       {"Windows", "Windows 电脑"}, {"Mac OS X", "Mac 电脑"}, {"Linux", "Linux 电脑"},
};

static const char *find_mark(const struct word *words, size_t n, const char *text)
{
    for (size_t i = 0; i < n; i++)
        if (strstr(text, words[i].mark) != NULL)
            return words[i].name;
    return NULL;
}

const char *gate_device_words(struct ch_arena *a, const char *user_agent)
{
    const char *browser = find_mark(browsers, CH_COUNT(browsers), user_agent);
    const char *system = find_mark(systems, CH_COUNT(systems), user_agent);

    if (browser != NULL && system != NULL)
        return ch_printf(a, "%s · %s", browser, system);
    return browser != NULL ? browser : system != NULL ? system : "未知设备";
}
