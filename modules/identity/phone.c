/* SPDX-License-Identifier: Apache-2.0
 * The phone's side of a phone authentication. The link's token is the only credential; the page shows masked data only. */
#include "modules/identity/identity.h"

#include "core/base/config.h"
#include "core/form/person.h"
#include "core/form/rule.h"
#include "core/web/brand.h"
#include "core/gateway/tencent/faceid.h"
#include "core/gateway/tencent/ocr.h"
#include "core/paper/filetype.h"
#include "core/web/output.h"

#include <string.h>

/* The authentication that the link was made for. */
struct task {
    bool loss;   /* a loss report (inventory #143, #144) */
    bool secret; /* that, or a lost number: nothing is told before the person has passed */
    bool known;  /* false: what was typed leads to nobody, which is secret, too */
    const char *label;
    struct ch_person person; /* who has to authenticate, from the encrypted form */
};

/* Opens the data that name the person: the form, or the encrypted row of the legal person when that one authenticates. */
static enum ch_err open_people(struct ch_req *r, const char *order, const struct ch_rows *rows, struct ch_json **people)
{
    struct ch_bytes encrypted = ch_col_bytes(rows, r->a, 0, "legal"), plain;

    if (encrypted.p == NULL)
        return ch_order_form(r, order, ch_col_bytes(rows, r->a, 0, "form"), people);
    if (!ch_decrypt(ch_ring(), r->a, CH_LEGAL_PERSON, order, encrypted, &plain) ||
        ch_json_parse(r->a, plain, people, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "the legal person does not open");
    return CH_OK;
}

static enum ch_err read_task(struct ch_req *r, const struct ch_rows *rows, struct task *out)
{
    struct ch_json *form;

    if (rows->n != 1)
        return ch_fail_say(r, CH_E_GONE, "认证链接已失效，请在电脑上重新生成二维码。");
    const char *order = ch_col(rows, 0, "order_id"), *role = ch_col_text(rows, 0, "role");
    const char *purpose = ch_col_text(rows, 0, "purpose");
    bool loss = strcmp(purpose, "loss") == 0, rebind = strcmp(purpose, "rebind") == 0;
    /* A role would tell something of the account. */
    *out = (struct task){.loss = loss, .secret = loss || rebind, .label = rebind ? "账号持有人" : ch_person_label(role)};
    if (order == NULL)
        return CH_OK;
    enum ch_err e = open_people(r, ch_strdup(r->a, order), rows, &form);
    if (e != CH_OK)
        return e;
    out->known = ch_person_of(form, role, &out->person);
    return out->known ? CH_OK : ch_fail(r, CH_E_INTERNAL, "form lacks the person");
}

/* The page shows the person's masked name and number, unless they are secret. */
static void put_person(struct ch_jw *w, const char *member, const struct ch_out_source *s)
{
    const struct task *t = s->context;

    ch_jw_text(w, member, t->label);
    bool shown = t->known && !t->secret;
    ch_jw_text(w, "name", shown ? ch_rule_mask_name(w->out.a, t->person.name) : NULL);
    ch_jw_text(w, "id_no", shown ? ch_rule_mask_id(w->out.a, t->person.id_no) : NULL);
}

/* The results of a loss report and of a rebinding, after their person has passed the authentication. */
static const struct ch_out outcome[] = {
    CH_OUT_TEXT_OF("word", "outcome"),
    CH_OUT_TEXT("number"),
    CH_OUT_TEXT("serial"),
    CH_OUT_TEXT("subject"),
    CH_OUT_TIME("undo_until"),
    CH_OUT_END,
};
static const struct ch_out rebinding[] = {
    CH_OUT_TEXT_OF("word", "rebound"),
    CH_OUT_TEXT("phone"),
    CH_OUT_TIME("due_at"),
    CH_OUT_END,
};

static const struct ch_out face[] = {
    CH_OUT_TEXT("title"),  CH_OUT_TEXT("version"),  CH_OUT_TEXT_OF("text", "body"),
    CH_OUT_BOOL("agreed"), CH_OUT_BOOL("declined"), CH_OUT_END,
};

static const struct ch_out transfer[] = {
    CH_OUT_TEXT("code"),
    CH_OUT_CALL("name", identity_put_account),
    CH_OUT_TIME_OF("until", "ends_at"),
    CH_OUT_END,
};

static const struct ch_out phone_page[] = {
    CH_OUT_CALL("brand", ch_brand_put),
    CH_OUT_TEXT("project_name"),
    CH_OUT_TEXT("purpose"),
    CH_OUT_TEXT("kind"),
    CH_OUT_CALL("person_label", put_person),
    CH_OUT_TEXT("step"),
    CH_OUT_BOOL("front"),
    CH_OUT_BOOL("back"),
    CH_OUT_JSON("ways"),
    CH_OUT_TEXT("way"),
    CH_OUT_TIME("expires_at"),
    CH_OUT_BOOL("checking"),
    CH_OUT_TEXT("reason"),
    CH_OUT_OBJECT_IF("face", "title", face),
    CH_OUT_OBJECT_IF("transfer", "code", transfer),
    CH_OUT_OBJECT_IF("outcome", "outcome", outcome),
    CH_OUT_OBJECT_IF("rebinding", "rebound", rebinding),
    CH_OUT_TEXT("unlocked"),
    CH_OUT_TEXT("revoked"),
    CH_OUT_END,
};

enum ch_err identity_read_phone(struct ch_req *r, struct ch_rows *rows)
{
    return ch_run(r, CH_CALL(&identity_phone_view, ch_p_bool(identity_takes_transfers())), rows);
}

enum ch_err identity_phone(struct ch_req *r)
{
    struct task t = {0};
    struct ch_rows rows;

    enum ch_err e = identity_read_phone(r, &rows);
    if (e == CH_OK)
        e = read_task(r, &rows, &t);
    return e == CH_OK ? ch_reply_json(r, 200, ch_out_document(r->a, phone_page, &rows, &t)) : e;
}

enum ch_err identity_arrival(struct ch_req *r)
{
    enum ch_err e = ch_run(r, CH_CALL0(&identity_arrived), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}

/* Translates the vendor's error code for an unusable picture into a sentence for the person. */
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

/* A refusal of the vendor is told in the given sentence, every other failure as a service that does not respond. */
static enum ch_err refuse_for_vendor(struct ch_req *r, const struct ch_answer *answer, const char *sentence)
{
    if (answer->outcome == CH_REFUSED)
        return ch_fail_say(r, CH_E_INVALID, sentence);
    (void)ch_fail_say(r, CH_E_VENDOR, "核验服务暂时没有响应，已拍的内容不会丢失，请稍后再试。");
    return ch_fail(r, CH_E_VENDOR, "%s", answer->code);
}

/* For a loss report or a rebinding a card of another person is counted, and one sentence covers that card and wrong input on the PC
 * alike. */
static enum ch_err compare_front(struct ch_req *r, const struct ch_card *card, const struct task *t)
{
    if ((card->warnings & (CH_CARD_EXPIRED | CH_CARD_COPY | CH_CARD_RESHOOT | CH_CARD_RETOUCHED | CH_CARD_TEMPORARY)) != 0)
        return ch_fail_say(r, CH_E_INVALID, "请拍摄有效期内的身份证原件，不能使用复印件、翻拍或修改过的照片。");
    if (t->known && strcmp(card->name, t->person.name) == 0 && strcmp(card->id_no, t->person.id_no) == 0)
        return CH_OK;
    if (!t->secret)
        return ch_fail_say(
            r, CH_E_INVALID,
            ch_printf(r->a, "身份证上的姓名或号码与%s信息不一致，请使用本人身份证，或在电脑上更正信息。", t->label));
    enum ch_err e = ch_run(r, CH_CALL0(&identity_card_refused), NULL);
    if (e != CH_OK)
        return e;
    return ch_fail_say(
        r, CH_E_INVALID,
        t->loss
            ? "身份证与证书登记的信息不一致，请使用本人身份证，并核对填写的证书序列号、身份和姓名。"
            : "身份证与该账号最近一次通过身份认证的人不一致，或账号目前不能换绑。请使用本人身份证，核对原手机号，或拨打服务热线。");
}

static enum ch_err check_photo(struct ch_req *r)
{
    const char *mime = ch_filetype(r->raw);

    if (mime == NULL || (strcmp(mime, "image/jpeg") != 0 && strcmp(mime, "image/png") != 0))
        return ch_fail_say(r, CH_E_MEDIA_TYPE, "请上传 JPG 或 PNG 格式的照片。");
    return CH_OK;
}

static enum ch_err read_card(struct ch_req *r, enum ch_card_side side, struct ch_card *card)
{
    struct ch_answer answer;

    enum ch_err e = ch_ocr_card(r->a, &r->fault, side, r->raw, &answer, card);
    if (e != CH_OK)
        return e;
    return answer.outcome == CH_ACCEPTED ? CH_OK : refuse_for_vendor(r, &answer, picture_sentence(answer.code));
}

static enum ch_err check_card(struct ch_req *r, enum ch_card_side side, const struct task *t)
{
    struct ch_card card;

    enum ch_err e = check_photo(r);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL0(&identity_reading), NULL); /* counted before the vendor is asked, so that nobody asks more often */
    if (e == CH_OK)
        e = read_card(r, side, &card);
    if (e != CH_OK)
        return e;
    if (side == CH_CARD_FRONT)
        return compare_front(r, &card, t);
    return (card.warnings & CH_CARD_EXPIRED) == 0 ? CH_OK
                                                  : ch_fail_say(r, CH_E_INVALID, "身份证已过有效期，请使用有效证件。");
}

enum ch_err identity_card(struct ch_req *r)
{
    static const struct ch_out sides[] = {CH_OUT_BOOL("front"), CH_OUT_BOOL("back"), CH_OUT_TEXT("step"), CH_OUT_END};
    const char *side = ch_var(r, "side");
    bool front = strcmp(side, "front") == 0;
    struct ch_rows rows;
    struct task t = {0};

    if (!front && strcmp(side, "back") != 0)
        return ch_fail(r, CH_E_NOT_FOUND, "no such side");
    enum ch_err e = identity_read_phone(r, &rows);
    if (e == CH_OK)
        e = read_task(r, &rows, &t);
    if (e == CH_OK)
        e = check_card(r, front ? CH_CARD_FRONT : CH_CARD_BACK, &t);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&identity_card_read, ch_p_text(side)), NULL);
    if (e == CH_OK)
        e = identity_read_phone(r, &rows);
    return e == CH_OK ? ch_reply_json(r, 200, ch_out_document(r->a, sides, &rows, NULL)) : e;
}

/* Reads an ID card for the form. Neither the picture nor what is read is kept. */
enum ch_err identity_form_card(struct ch_req *r)
{
    struct ch_card card;
    struct ch_jw w;

    /* Counted like the readings of the phone, and before the picture is judged: a stranger finds no order, whatever is sent. */
    enum ch_err e = ch_run(r, CH_CALL(&identity_form_reading, ch_p_text(ch_var(r, "id"))), NULL);
    if (e == CH_OK)
        e = check_photo(r);
    if (e == CH_OK)
        e = read_card(r, CH_CARD_FRONT, &card);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "name", card.name);
    ch_jw_text(&w, "id_no", card.id_no);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err identity_liveness(struct ch_req *r)
{
    struct ch_rows rows;
    struct task t = {0};
    struct ch_answer answer;
    struct ch_face_session session;
    struct ch_jw w;

    enum ch_err e = identity_read_phone(r, &rows);
    if (e == CH_OK)
        e = read_task(r, &rows, &t);
    if (e != CH_OK)
        return e;
    if (!t.known)
        return ch_fail_say(r, CH_E_CONFLICT, "请先上传身份证正反两面。");
    const struct ch_face_request ask = {
        .name = t.person.name,
        .id_no = t.person.id_no,
        .redirect_url = ch_printf(r->a, "%s/%s/phone", ch_conf(CONF_ORIGIN), r->slug),
        .extra = ch_strdup(r->a, ch_col_text(&rows, 0, "identity")),
    };
    e = ch_run(r, CH_CALL0(&identity_liveness_may), NULL);
    if (e == CH_OK)
        e = ch_faceid_begin(r->a, &r->fault, &ask, &answer, &session);
    if (e != CH_OK)
        return e;
    if (answer.outcome != CH_ACCEPTED)
        return refuse_for_vendor(r, &answer, "人脸核身服务拒绝了这次认证，请核对姓名和身份证号码。");
    e = ch_run(r, CH_CALL(&identity_liveness_begun, ch_p_text(session.biz_token)), NULL);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "url", session.url);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}
