/* SPDX-License-Identifier: Apache-2.0
 * The phone's side. Its link is its whole credential; it sees masked data alone. */
#include "modules/identity/identity.h"

#include "core/base/config.h"
#include "core/gateway/faceid.h"
#include "core/gateway/ocr.h"
#include "core/hall/brand.h"
#include "core/hall/filetype.h"
#include "core/hall/rule.h"

#include <string.h>

/* Who is to be authenticated, out of the sealed form (inventory #143, #144). */
struct person {
    const char *label, *name, *id_no;
};

static enum ch_err read_person(struct ch_req *r, const struct ch_rows *rows, struct person *out)
{
    struct ch_json *form;

    if (rows->n != 1)
        return ch_fail_say(r, CH_E_GONE, "认证链接已失效，请在电脑上重新生成二维码。");
    bool natural = strcmp(ch_col(rows, 0, "person"), "natural") == 0;
    enum ch_err e = ch_order_form(r, ch_strdup(r->a, ch_col(rows, 0, "order_id")), ch_col_bytes(rows, r->a, 0, "form"), &form);
    if (e != CH_OK)
        return e;
    out->label = natural ? "申请人" : "经办人";
    out->name = ch_json_text(form, natural ? "holder_name" : "handler_name");
    out->id_no = ch_json_text(form, natural ? "holder_id" : "handler_id");
    return out->name != NULL && out->id_no != NULL ? CH_OK : ch_fail(r, CH_E_INTERNAL, "form lacks the person");
}

/* card, liveness, passed or failed, as the page shows it. */
static const char *page_step(const struct ch_rows *rows)
{
    const char *state = ch_col(rows, 0, "state");

    if (strcmp(state, "pending") != 0)
        return state;
    return ch_col_bool(rows, 0, "front") && ch_col_bool(rows, 0, "back") ? "liveness" : "card";
}

enum ch_err identity_phone(struct ch_req *r)
{
    struct person p;
    struct ch_rows rows;
    struct ch_jw w;

    enum ch_err e = ch_run(r, CH_CALL0(&identity_phone_view), &rows);
    if (e == CH_OK)
        e = read_person(r, &rows, &p);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_brand_json(&w);
    ch_jw_text(&w, "project_name", ch_col(&rows, 0, "project_name"));
    ch_jw_text(&w, "person_label", p.label);
    ch_jw_text(&w, "name", ch_mask_name(r->a, p.name));
    ch_jw_text(&w, "id_no", ch_mask_id(r->a, p.id_no));
    ch_jw_text(&w, "step", page_step(&rows));
    ch_jw_bool(&w, "front", ch_col_bool(&rows, 0, "front"));
    ch_jw_bool(&w, "back", ch_col_bool(&rows, 0, "back"));
    ch_jw_bool(&w, "checking", ch_col(&rows, 0, "biz_token") != NULL && strcmp(ch_col(&rows, 0, "state"), "pending") == 0);
    ch_jw_text(&w, "reason", ch_col(&rows, 0, "reason"));
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

/* The vendor's words for pictures it cannot use, as sentences. */
static const char *picture_sentence(const char *code)
{
    static const struct {
        const char *code, *sentence;
    } map[] = {
        {"FailedOperation.ImageNoIdCard", "照片中没有识别到身份证，请重新拍摄。"},
        {"FailedOperation.CardSideError", "身份证正反面拍反了，请重新拍摄。"},
        {"FailedOperation.ImageBlur", "照片不够清晰，请在光线充足处重新拍摄。"},
        {"FailedOperation.MultiCardError", "照片中有多张证件，请只拍摄一张。"},
    };
    for (size_t i = 0; i < CH_COUNT(map); i++)
        if (strcmp(map[i].code, code) == 0)
            return map[i].sentence;
    return "身份证照片无法识别，请重新拍摄。";
}

static enum ch_err vendor_says_no(struct ch_req *r, const struct ch_answer *answer, const char *sentence)
{
    if (answer->outcome == CH_REFUSED)
        return ch_fail_say(r, CH_E_INVALID, sentence);
    (void)ch_fail_say(r, CH_E_VENDOR, "核验服务暂时没有响应，已拍的内容不会丢失，请稍后再试。");
    return ch_fail(r, CH_E_VENDOR, "%s", answer->code);
}

static enum ch_err compare_front(struct ch_req *r, const struct ch_card *card, const struct person *p)
{
    if (strcmp(card->name, p->name) != 0 || strcmp(card->id_no, p->id_no) != 0)
        return ch_fail_say(r, CH_E_INVALID, ch_printf(r->a, "身份证上的姓名或号码与%s信息不一致，请使用本人身份证，或在电脑上更正信息。",
                                                      p->label));
    if ((card->warnings & (CH_CARD_EXPIRED | CH_CARD_COPY | CH_CARD_RESHOOT | CH_CARD_RETOUCHED | CH_CARD_TEMPORARY)) != 0)
        return ch_fail_say(r, CH_E_INVALID, "请拍摄有效期内的身份证原件，不能使用复印件、翻拍或修改过的照片。");
    return CH_OK;
}

static enum ch_err check_card(struct ch_req *r, enum ch_card_side side, const struct person *p)
{
    struct ch_answer answer;
    struct ch_card card;

    const char *mime = ch_filetype(r->raw);
    if (mime == NULL || (strcmp(mime, "image/jpeg") != 0 && strcmp(mime, "image/png") != 0))
        return ch_fail_say(r, CH_E_MEDIA_TYPE, "请上传 JPG 或 PNG 格式的照片。");
    enum ch_err e = ch_ocr_card(r->a, &r->fault, side, r->raw, &answer, &card);
    if (e != CH_OK)
        return e;
    if (answer.outcome != CH_ACCEPTED)
        return vendor_says_no(r, &answer, picture_sentence(answer.code));
    if (side == CH_CARD_FRONT)
        return compare_front(r, &card, p);
    return (card.warnings & CH_CARD_EXPIRED) == 0 ? CH_OK : ch_fail_say(r, CH_E_INVALID, "身份证已过有效期，请使用有效证件。");
}

static enum ch_err card_answer(struct ch_req *r)
{
    struct ch_rows rows;
    struct ch_jw w;

    enum ch_err e = ch_run(r, CH_CALL0(&identity_phone_view), &rows);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_bool(&w, "front", ch_col_bool(&rows, 0, "front"));
    ch_jw_bool(&w, "back", ch_col_bool(&rows, 0, "back"));
    ch_jw_text(&w, "step", page_step(&rows));
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err identity_card(struct ch_req *r)
{
    const char *side = ch_var(r, "side");
    bool front = strcmp(side, "front") == 0;
    struct ch_rows rows;
    struct person p;

    if (!front && strcmp(side, "back") != 0)
        return ch_fail(r, CH_E_NOT_FOUND, "no such side");
    enum ch_err e = ch_run(r, CH_CALL0(&identity_phone_view), &rows);
    if (e == CH_OK)
        e = read_person(r, &rows, &p);
    if (e == CH_OK)
        e = check_card(r, front ? CH_CARD_FRONT : CH_CARD_BACK, &p);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&identity_card_read, ch_p_text(side)), NULL);
    return e == CH_OK ? card_answer(r) : e;
}

enum ch_err identity_liveness(struct ch_req *r)
{
    struct ch_rows rows;
    struct person p;
    struct ch_answer answer;
    struct ch_face_session session;
    struct ch_jw w;

    enum ch_err e = ch_run(r, CH_CALL0(&identity_phone_view), &rows);
    if (e == CH_OK)
        e = read_person(r, &rows, &p);
    if (e != CH_OK)
        return e;
    const struct ch_face_request ask = {
        .name = p.name,
        .id_no = p.id_no,
        .redirect_url = ch_printf(r->a, "%s/%s/phone?back=1", ch_conf(CONF_ORIGIN), r->slug),
        .extra = ch_strdup(r->a, ch_col(&rows, 0, "identity")),
    };
    e = ch_face_begin(r->a, &r->fault, &ask, &answer, &session);
    if (e != CH_OK)
        return e;
    if (answer.outcome != CH_ACCEPTED)
        return vendor_says_no(r, &answer, "人脸核身服务拒绝了这次认证，请核对姓名和身份证号码。");
    e = ch_run(r, CH_CALL(&identity_liveness_begun, ch_p_text(session.biz_token)), NULL);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "url", session.url);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}
