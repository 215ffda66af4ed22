/* SPDX-License-Identifier: Apache-2.0
 * Writes the automatic checks of an order for its reviewer. */
#include "core/form/check.h"

#include "core/form/rule.h"

#include <string.h>

static void put_check(struct ch_jw *w, const char *code, const char *text, bool ok)
{
    ch_jw_object(w, NULL);
    ch_jw_text(w, "code", code);
    ch_jw_text(w, "text", text);
    ch_jw_bool(w, "ok", ok);
    ch_jw_end_object(w);
}

/* Two fields that should be equal; nothing is written when the form does not have both. */
static void put_same(struct ch_jw *w, const struct ch_json *form, const char *x, const char *y, const char *code,
                     const char *text)
{
    const char *a = ch_json_text(form, x), *b = ch_json_text(form, y);
    if (a != NULL && b != NULL)
        put_check(w, code, text, strcmp(a, b) == 0);
}

static bool papers_complete(const struct ch_json *order)
{
    const struct ch_json *list = ch_json_get(order, "papers");

    for (const struct ch_json *m = list != NULL ? list->first : NULL; m != NULL; m = m->next) {
        const char *state = ch_json_text(m, "state");
        if (state == NULL || strcmp(state, "ok") != 0)
            return false;
    }
    return true;
}

/* The labels of the fields that differ, joined. */
static const char *join_labels(struct ch_arena *a, const struct ch_json *fields)
{
    static const struct {
        const char *field, *label;
    } map[] = {{"unit_name", "单位名称"}, {"unit_code", "证件号码"}, {"legal_name", "法定代表人"}};
    const char *list = "";

    for (const struct ch_json *f = fields != NULL ? fields->first : NULL; f != NULL; f = f->next)
        for (size_t i = 0; i < CH_COUNT(map); i++)
            if (strcmp(map[i].field, f->text) == 0)
                list = ch_printf(a, "%s%s%s", list, *list != '\0' ? "、" : "", map[i].label);
    return list;
}

/* Whether the text that was recognized on a licence agrees with the form; nothing is written until it has been recognized. */
static void put_licence(struct ch_jw *w, const struct ch_json *check)
{
    const char *state = ch_json_text(check, "state");

    if (state == NULL || strcmp(state, "queued") == 0)
        return;
    if (strcmp(state, "agrees") == 0)
        put_check(w, "licence", "证照内容（机器识别）与申请表一致", true);
    else if (strcmp(state, "differs") == 0)
        put_check(w, "licence",
                  ch_printf(w->out.a, "证照内容（机器识别）与申请表不一致：%s",
                            join_labels(w->out.a, ch_json_get(check, "fields"))),
                  false);
    else
        put_check(w, "licence", "证照未能自动识别，请人工核对", false);
}

/* The warnings about the quality of a paper, and whether the applicant has kept it in spite of them. */
static void put_quality(struct ch_jw *w, const char *name, const struct ch_json *quality)
{
    const struct ch_json *list = ch_json_get(quality, "warnings"), *kept = ch_json_get(quality, "kept");
    const char *how = kept != NULL && kept->kind == CH_JSON_OBJECT ? "（申请人确认仍然使用）" : "";

    for (const struct ch_json *one = list != NULL ? list->first : NULL; one != NULL; one = one->next)
        put_check(w, ch_printf(w->out.a, "paper_%s", ch_json_text(one, "code")),
                  ch_printf(w->out.a, "%s：%s%s", name, ch_json_text(one, "text"), how), false);
}

/* The warnings about the sheets of a paper, which are numbered where there are several. */
static void put_sheets(struct ch_jw *w, const char *name, const struct ch_json *sheets)
{
    int64_t n = 0;

    for (const struct ch_json *s = sheets != NULL ? sheets->first : NULL; s != NULL; s = s->next) {
        bool numbered = sheets->count > 1 && ch_json_int(s, "sheet", &n);
        put_quality(w, numbered ? ch_printf(w->out.a, "%s（第 %d 张）", name, (int)n) : name, ch_json_get(s, "quality"));
    }
}

void ch_form_checks_json(struct ch_jw *w, const struct ch_form_spec *spec, const struct ch_json *order,
                         const struct ch_json *form)
{
    const char *code = ch_json_text(form, "unit_code"), *phone = ch_json_text(ch_json_get(order, "phone"), "state");
    const char *paid = ch_json_text(ch_json_get(order, "payment"), "state");
    const char *id = ch_json_text(form, ch_printf(w->out.a, "%s_id", ch_form_authenticated(spec, form)));

    ch_jw_array(w, "checks");
    if (code != NULL)
        put_check(w, "unit_code", "统一社会信用代码校验位正确", ch_rule_uscc(code) == NULL);
    if (id != NULL)
        put_check(w, "id_no", "身份证号码校验位正确", ch_rule_idcard(id) == NULL);
    put_same(w, form, "account_name", "unit_name", "account_name", "基本户名称与单位名称一致");
    put_same(w, form, "invoice_title", "unit_name", "invoice_title", "发票抬头与单位名称一致");
    put_check(w, "phone", "手机认证已通过", phone != NULL && strcmp(phone, "passed") == 0);
    bool voucher = paid != NULL && strcmp(paid, "voucher") == 0; /* the review does not wait until finance has found the money */
    put_check(w, "paid", voucher ? "已提交汇款凭证，由财务核对到账" : "费用已支付",
              voucher || (paid != NULL && strcmp(paid, "paid") == 0));
    put_check(w, "papers", "所需资料齐全", papers_complete(order));
    const struct ch_json *papers = ch_json_get(order, "papers");
    for (const struct ch_json *m = papers != NULL ? papers->first : NULL; m != NULL; m = m->next) {
        put_licence(w, ch_json_get(m, "check"));
        put_sheets(w, ch_json_text(m, "name"), ch_json_get(m, "sheets"));
    }
    ch_jw_end_array(w);
}
