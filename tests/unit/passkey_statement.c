/* SPDX-License-Identifier: Apache-2.0
 * The text that is signed: every fact of it changes the text, and what a certificate does not have does not stand there. */
#include "core/passkey/statement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct ch_arena *a;

static const struct ch_statement_item unit = {.number = 1,
                                              .profile = "unit",
                                              .pair = true,
                                              .unit_name = "示范有限公司",
                                              .unit_code = "91440300MA5DA1B2C3",
                                              .seal_name = "合同章",
                                              .holder_name = "张三",
                                              .years = 2,
                                              .until = "2027-01-01T00:00:00+08:00",
                                              .medium = "ukey",
                                              .token = true,
                                              .request = "ab12"};
static const struct ch_statement whole = {.decision = CH_DECISION_PRODUCE,
                                          .order = "01a206ba-a74d-73f5-9629-e3edf12a82ff",
                                          .number = "179540780328580463",
                                          .person = "01a206ba-a8f3-751c-9737-6f583b6afada",
                                          .name = "produce",
                                          .time = "2026-11-23T12:00:00+08:00",
                                          .ca = "sm2",
                                          .form = "0f",
                                          .papers = "1e",
                                          .items = &unit,
                                          .n = 1};

static void the_whole_text(void **state)
{
    (void)state;
    assert_string_equal(ch_statement_text(a, &whole), "certhall 1：制作证书\n"
                                                      "业务单：179540780328580463 01a206ba-a74d-73f5-9629-e3edf12a82ff\n"
                                                      "决定人：produce 01a206ba-a8f3-751c-9737-6f583b6afada\n"
                                                      "时间：2026-11-23T12:00:00+08:00\n"
                                                      "签发机构：sm2\n"
                                                      "证书 1：unit（签名和加密），2 年\n"
                                                      "  单位：示范有限公司\n"
                                                      "  单位证件号码：91440300MA5DA1B2C3\n"
                                                      "  印章：合同章\n"
                                                      "  持有人：张三\n"
                                                      "  不晚于：2027-01-01T00:00:00+08:00\n"
                                                      "  介质：ukey\n"
                                                      "  密钥：由介质生成，公钥摘要 ab12\n"
                                                      "申请表摘要：0f\n"
                                                      "资料摘要：1e\n");
}

static void an_approval_of_a_file(void **state)
{
    const struct ch_statement_item items[] = {
        {.number = 1, .profile = "natural", .holder_name = "李四", .years = 1, .medium = "file"},
        {.number = 2, .profile = "natural", .holder_name = "李四", .years = 1, .medium = "ukey", .token = true, .request = "ab"}};
    struct ch_statement s = whole;

    (void)state;
    s.decision = CH_DECISION_APPROVE;
    s.items = items;
    s.n = 2;
    const char *text = ch_statement_text(a, &s);
    assert_non_null(strstr(text, "certhall 1：审核通过，同意签发\n"));
    assert_non_null(strstr(text, "证书 1：natural，1 年\n  持有人：李四\n  介质：file\n  密钥：由签发系统生成\n"));
    assert_non_null(strstr(text, "  密钥：由介质生成，公钥由制证员提交\n"));
    assert_null(strstr(text, "单位："));
    assert_null(strstr(text, "签发机构："));
    assert_null(strstr(text, "(null)"));
}

static void an_act(void **state)
{
    const struct ch_act_fact facts[] = {{"证书序列号", "0A1B"}, {"吊销原因", NULL}, {"说明", "一行\n决定人：别人"}};
    const struct ch_act_statement s = {.title = "申请吊销证书",
                                       .person = "01a2",
                                       .name = "review",
                                       .time = "2026-11-23T12:00:00+08:00",
                                       .facts = facts,
                                       .n = 3};

    (void)state;
    assert_string_equal(ch_act_text(a, &s), "certhall 1：申请吊销证书\n"
                                            "决定人：review 01a2\n"
                                            "时间：2026-11-23T12:00:00+08:00\n"
                                            "证书序列号：0A1B\n"
                                            "说明：一行 决定人：别人\n");
}

/* The text has the officers' keys, each on a line, and no others; invisible characters are made visible. */
static void a_resolution(void **state)
{
    struct ch_roster_key keys[] = {{.name = "review", .roles = " reviewer ", .credential = CH_LIT("r")},
                                   {.name = "officer1", .roles = " auditor officer ", .credential = CH_LIT("one")},
                                   {.name = "officer2", .roles = " officer ", .credential = CH_LIT("two")}};
    const struct ch_roster roster = {.digest = "00ff", .version = 7, .n = 3, .keys = keys};
    const struct ch_act_fact facts[] = {{"人员", "li.si"}, {"变更后", "姓名 \u202e四李\n变更后：别的"}};
    const struct ch_resolution r = {
        .title = "变更工作人员", .time = "2026-11-23T12:00:00+08:00", .roster = &roster, .facts = facts, .n = 2};

    (void)state;
    assert_string_equal(ch_resolution_text(a, &r), "certhall 1：变更工作人员\n"
                                                   "时间：2026-11-23T12:00:00+08:00\n"
                                                   "名册：第 7 版 00ff\n"
                                                   "安全员：officer1 b25l\n"
                                                   "安全员：officer2 dHdv\n"
                                                   "人员：li.si\n"
                                                   "变更后：姓名 [U+202E]四李 变更后：别的\n");
}

static void a_head(void **state)
{
    const char *head = ch_statement_head(a, &whole);

    (void)state;
    assert_int_equal(strncmp(ch_statement_text(a, &whole), head, strlen(head)), 0);
    assert_non_null(strstr(head, whole.time));
}

/* Each fact is changed once, and no two of the texts are equal. */
static void every_fact_counts(void **state)
{
    struct ch_statement_item i[12];
    struct ch_statement s[22];
    size_t n = 0;

    (void)state;
    for (size_t k = 0; k < 12; k++)
        i[k] = unit;
    i[0].number = 2, i[1].profile = "personal", i[2].pair = false, i[3].unit_name = "别的公司", i[4].unit_code = "x";
    i[5].seal_name = "公章", i[6].holder_name = "王五", i[7].years = 3, i[8].until = NULL, i[9].medium = "file";
    i[10].token = false, i[11].request = "ab13";
    for (size_t k = 0; k < 22; k++)
        s[k] = whole;
    for (; n < 12; n++)
        s[n].items = &i[n];
    s[n++].decision = CH_DECISION_APPROVE, s[n++].order = "x", s[n++].number = "1", s[n++].person = "x", s[n++].name = "x";
    s[n++].time = "2026-11-23T12:00:01+08:00", s[n++].form = "0e", s[n++].papers = "1f", s[n++].ca = "rsa";
    for (size_t x = 0; x <= n; x++)
        for (size_t y = 0; y < x; y++)
            assert_string_not_equal(ch_statement_text(a, &s[x]), ch_statement_text(a, &s[y]));
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_text), cmocka_unit_test(an_approval_of_a_file),
        cmocka_unit_test(an_act),         cmocka_unit_test(a_resolution),
        cmocka_unit_test(a_head),         cmocka_unit_test(every_fact_counts),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
