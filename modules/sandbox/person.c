/* SPDX-License-Identifier: Apache-2.0
 * An invented person with an invented unit. All check digits are right; no real person is meant. */
#include "modules/sandbox/sandbox.h"

#include "core/base/random.h"

#include <string.h>

static unsigned random_below(unsigned n)
{
    uint32_t v;

    ch_random(&v, sizeof v);
    return v % n;
}
#define ANY(list) ((list)[random_below(CH_COUNT(list))])

static const char *const families[] = {"陈", "林", "黄", "吴", "郑", "许", "罗", "梁",
                                       "宋", "唐", "蔡", "曾", "彭", "潘", "苏", "卢"};
static const char *const given[] = {"思远", "雨桐", "子墨", "婉清", "嘉禾", "明轩", "若溪", "景行",
                                    "书瑶", "亦凡", "晓岚", "志恒", "静怡", "文博", "安然", "立新"};
static const char *const fancies[] = {"云帆", "启明", "海澜", "星辰", "远望", "天工",
                                      "智联", "新禾", "瑞合", "广信", "鼎盛", "恒达"};
static const char *const trades[] = {"信息技术", "建筑工程", "科技",     "电子商务",
                                     "环保科技", "智能装备", "工程咨询", "软件"};
/* Division codes of GB/T 2260, and how addresses there begin. */
static const struct {
    const char *code, *place;
} places[] = {{"440305", "广东省深圳市南山区"},
              {"440304", "广东省深圳市福田区"},
              {"445202", "广东省揭阳市榕城区"},
              {"430102", "湖南省长沙市芙蓉区"}};

static char *random_name(struct ch_arena *a)
{
    return ch_printf(a, "%s%s", ANY(families), ANY(given));
}

/* An ID number of GB 11643: the last character follows from the weighted sum of the others. */
static char *random_id_number(struct ch_arena *a, const char *place)
{
    static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    char *s = ch_printf(a, "%s%04u%02u%02u%03u?", place, 1970 + random_below(30), 1 + random_below(12),
                        1 + random_below(28), 100 + random_below(900));
    int sum = 0;

    for (int i = 0; i < 17; i++)
        sum += (s[i] - '0') * weights[i];
    s[17] = "10X98765432"[sum % 11];
    return s;
}

/* A unified social credit code of GB 32100, of an enterprise (91…). */
static char *random_unit_code(struct ch_arena *a, const char *place)
{
    static const char letters[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    static const int weights[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    static const int inner[] = {3, 7, 9, 10, 5, 8, 4, 2};
    char *s = ch_printf(a, "91%sMA5%s?", place, ch_random_text(a, "0123456789ABCDEFGHJKLMNPQRTUWXY", 5));
    char body[9];
    int sum = 0;

    /* The nine characters from the ninth on are the organization code, with a check character of its own (GB 11714). */
    memcpy(body, s + 8, 8);
    for (int i = 0; i < 8; i++)
        sum += (body[i] <= '9' ? body[i] - '0' : body[i] - 'A' + 10) * inner[i];
    s = ch_printf(a, "%.16s%c?", s, "0123456789X0"[(11 - sum % 11) % 11]);
    sum = 0;
    for (int i = 0; i < 17; i++)
        sum += (int)(strchr(letters, s[i]) - letters) * weights[i];
    s[17] = letters[(31 - sum % 31) % 31];
    return s;
}

/* A mobile number, never with one of the endings that have a meaning in the sandbox (README.md). */
static char *random_mobile(struct ch_arena *a)
{
    return ch_printf(a, "1%s%s%s", ANY(((const char *const[]){"38", "39", "58", "86", "89"})),
                     ch_random_text(a, "0123456789", 4), ch_random_text(a, "2345678", 4));
}

enum ch_err sandbox_person(struct ch_req *r)
{
    struct ch_arena *a = r->a;
    unsigned p = random_below(CH_COUNT(places));
    const char *code = places[p].code, *place = places[p].place, *person = random_name(a),
               *id = random_id_number(a, code), *phone = random_mobile(a);
    const char *unit = ch_printf(a, "示范%s%s有限公司", ANY(fancies), ANY(trades));
    const char *street = ch_printf(a, "示范路 %u 号", 1 + random_below(900));
    const struct {
        const char *key, *value;
    } facts[] = {
        {"name", person},
        {"id_no", id},
        {"mobile", phone},
        {"email", ch_printf(a, "u%s@mail.example", ch_random_text(a, "0123456789", 6))},
        {"position", "行政专员"},
        {"address", ch_printf(a, "%s%s", place, street)},
        {"unit_name", unit},
        {"unit_code", random_unit_code(a, code)},
        {"unit_address", ch_printf(a, "%s科技大道 %u 号", place, 1 + random_below(200))},
        {"legal_name", random_name(a)},
        {"legal_id", random_id_number(a, code)},
        {"legal_mobile", random_mobile(a)},
        {"holder_name", random_name(a)},
        {"holder_id", random_id_number(a, code)},
        {"holder_mobile", random_mobile(a)},
        {"account_name", unit},
        {"account_branch", "308584000013"},
        {"account_branch_name", "招商银行股份有限公司"},
        {"account_no", ch_printf(a, "7559%s%s", ch_random_text(a, "0123456789", 7), ch_random_text(a, "23456789", 4))},
        {"mail_address", street},
        {"mail_postcode", "518000"},
    };
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    for (size_t i = 0; i < CH_COUNT(facts); i++)
        ch_jw_text(&w, facts[i].key, facts[i].value);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}
