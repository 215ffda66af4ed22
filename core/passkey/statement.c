/* SPDX-License-Identifier: Apache-2.0
 * Writes the statements of decisions and acts, and the texts of resolutions. */
#include "core/passkey/statement.h"

#include "core/base/buf.h"
#include "core/base/codec.h"
#include "core/base/text.h"

const char *ch_decision_word(enum ch_decision d)
{
    return d == CH_DECISION_APPROVE ? "approve" : "produce";
}

const char *const *ch_decision_roles(enum ch_decision d)
{
    static const char *const reviewers[] = {"reviewer", NULL}, *const producers[] = {"producer", "outlet", NULL};

    return d == CH_DECISION_APPROVE ? reviewers : producers;
}

static void put(struct ch_buf *b, const char *label, const char *value)
{
    if (value != NULL)
        ch_buf_printf(b, "  %s：%s\n", label, value);
}

static void put_key(struct ch_buf *b, enum ch_decision d, const struct ch_statement_item *i)
{
    if (!i->token)
        put(b, "密钥", "由签发系统生成");
    else if (d == CH_DECISION_APPROVE)
        put(b, "密钥", "由介质生成，公钥由制证员提交");
    else
        ch_buf_printf(b, "  密钥：由介质生成，公钥摘要 %s\n", i->request != NULL ? i->request : "");
}

static const char *text_of(struct ch_arena *a, const struct ch_buf *b)
{
    struct ch_bytes text = ch_buf_bytes(b);
    return ch_strndup(a, text.p, text.n);
}

static void put_item(struct ch_buf *b, enum ch_decision d, const struct ch_statement_item *i)
{
    ch_buf_printf(b, "证书 %d：%s%s，%d 年\n", i->number, i->profile, i->pair ? "（签名和加密）" : "", i->years);
    put(b, "单位", i->unit_name);
    put(b, "单位证件号码", i->unit_code);
    put(b, "印章", i->seal_name);
    put(b, "持有人", i->holder_name);
    put(b, "不晚于", i->until);
    put(b, "介质", i->medium);
    put_key(b, d, i);
}

const char *ch_statement_head(struct ch_arena *a, const struct ch_statement *s)
{
    return ch_printf(a, "certhall 1：%s\n业务单：%s %s\n决定人：%s %s\n时间：%s\n",
                     s->decision == CH_DECISION_APPROVE ? "审核通过，同意签发" : "制作证书", s->number, s->order,
                     s->name, s->person, s->time);
}

const char *ch_statement_text(struct ch_arena *a, const struct ch_statement *s)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    ch_buf_puts(&b, ch_statement_head(a, s));
    if (s->decision == CH_DECISION_PRODUCE)
        ch_buf_printf(&b, "签发机构：%s\n", s->ca);
    for (size_t i = 0; i < s->n; i++)
        put_item(&b, s->decision, &s->items[i]);
    ch_buf_printf(&b, "申请表摘要：%s\n", s->form);
    ch_buf_printf(&b, "资料摘要：%s\n", s->papers);
    return text_of(a, &b);
}

/* A value stays on its line, so that nobody who words it adds a line to the statement. */
static const char *one_line(struct ch_arena *a, const char *value)
{
    char *line = ch_strdup(a, value);

    for (char *p = line; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' ';
    return line;
}

static void put_facts(struct ch_buf *b, struct ch_arena *a, const struct ch_act_fact *facts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (facts[i].value != NULL)
            ch_buf_printf(b, "%s：%s\n", facts[i].label, one_line(a, facts[i].value));
}

const char *ch_act_text(struct ch_arena *a, const struct ch_act_statement *s)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    ch_buf_printf(&b, "certhall 1：%s\n", s->title);
    ch_buf_printf(&b, "决定人：%s %s\n", s->name, s->person);
    ch_buf_printf(&b, "时间：%s\n", s->time);
    put_facts(&b, a, s->facts, s->n);
    return text_of(a, &b);
}

const char *ch_resolution_text(struct ch_arena *a, const struct ch_resolution *r)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    ch_buf_printf(&b, "certhall 1：%s\n", r->title);
    ch_buf_printf(&b, "时间：%s\n", r->time);
    ch_buf_printf(&b, "名册：第 %lld 版 %s\n", (long long)r->roster->version, r->roster->digest);
    for (size_t i = 0; i < r->roster->n; i++)
        if (ch_roster_has_role(&r->roster->keys[i], "officer"))
            ch_buf_printf(&b, "安全员：%s %s\n", r->roster->keys[i].name, ch_base64url(a, r->roster->keys[i].credential));
    put_facts(&b, a, r->facts, r->n);
    struct ch_bytes seen = ch_text_visible(a, ch_buf_bytes(&b));
    return ch_strndup(a, seen.p, seen.n);
}
