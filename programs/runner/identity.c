/* SPDX-License-Identifier: Apache-2.0
 * Phone authentication: the carrier check, which compares name, ID number and mobile, and the result of the liveness check. */
#include "programs/runner/runner.h"

#include "core/gateway/tencent/faceid.h"

#include <string.h>

#define LOOK_EVERY_MS 1500

/* For a number that is lost the carrier is asked about the new one, not about that in the form. */
static bool read_new_phone(struct work *w, const struct ch_rows *rows, struct ch_person *p)
{
    const struct ch_json *phones = open_rebinding_phones(w, w->subject, ch_col_bytes(rows, w->a, 0, "phones"));

    p->mobile = ch_json_text(phones, "new_phone");
    return p->mobile != NULL;
}

bool open_person(struct work *w, const struct ch_rows *rows, struct ch_person *p)
{
    const char *order = ch_col(rows, 0, "order_id");
    struct ch_bytes legal = ch_col_bytes(rows, w->a, 0, "legal"), plain;
    struct ch_json *people = NULL;

    if (legal.p == NULL)
        people = open_order_form(w, order, ch_col_bytes(rows, w->a, 0, "form"));
    else if (!ch_decrypt(runner_ring(), w->a, CH_LEGAL_PERSON, order, legal, &plain) ||
             ch_json_parse(w->a, plain, &people, NULL) != CH_JSON_OK)
        people = NULL;
    return ch_person_of(people, ch_col(rows, 0, "role"), p);
}

static bool read_person(struct work *w, const struct ch_rows *rows, struct ch_person *p)
{
    return open_person(w, rows, p) && (ch_col(rows, 0, "phones") == NULL || read_new_phone(w, rows, p));
}

static enum end record_carrier(struct work *w, bool agrees, const char *why)
{
    const struct ch_call outcome =
        CH_CALL(&runner_identity_carrier, ch_p_text(w->subject), ch_p_bool(agrees), ch_p_text(why));
    return finish_job(w, &outcome, 1);
}

/* Tells the person what to do about the carrier's answer (inventory #138). */
static const char *carrier_sentence(enum ch_phone_match match)
{
    if (match == CH_PHONE_NO_RECORD)
        return "运营商没有查到该手机号的实名信息，请先在运营商 App 核对实名登记，或改用其他实名手机号。";
    return "手机号与姓名、身份证号码的实名登记不一致，请在运营商 App 核对实名信息，更正后再试。";
}

/* Reads the authentication if it is still pending. Otherwise *ended tells whether it has ended or the database failed. */
static bool read_pending(struct work *w, struct ch_rows *rows, bool *ended)
{
    bool found = read_job(w, CH_CALL(&runner_identity_work, ch_p_text(w->subject)), rows);

    *ended = w->fault.code == CH_OK && (!found || strcmp(ch_col(rows, 0, "state"), "pending") != 0);
    return found && !*ended;
}

enum end job_carrier(struct work *w)
{
    struct ch_rows rows;
    struct ch_person p;
    struct ch_answer answer;
    struct ch_phone_result said;
    bool ended;

    if (!read_pending(w, &rows, &ended))
        return ended ? finish_job(w, NULL, 0) : AGAIN;
    if (!read_person(w, &rows, &p) || p.mobile == NULL)
        return retry_job(w, "form lacks the person");
    if (ch_faceid_phone_check(w->a, &w->fault, p.name, p.id_no, p.mobile, &answer, &said) != CH_OK ||
        answer.outcome == CH_UNKNOWN)
        return retry_job(w, "carrier: no answer");
    if (answer.outcome == CH_ACCEPTED && said.match == CH_PHONE_MATCH)
        return record_carrier(w, true, NULL);
    return record_carrier(w, false, carrier_sentence(answer.outcome == CH_ACCEPTED ? said.match : CH_PHONE_UNPROVED));
}

static enum end record_liveness(struct work *w, bool good, const char *why)
{
    const struct ch_call outcome =
        CH_CALL(&runner_identity_result, ch_p_text(w->subject), ch_p_bool(good), ch_p_text(why), ch_p_text("face"));
    return finish_job(w, &outcome, 1);
}

enum end job_liveness(struct work *w)
{
    struct ch_rows rows;
    struct ch_person p;
    struct ch_answer answer;
    struct ch_face_result face;
    bool ended;

    if (!read_pending(w, &rows, &ended))
        return ended ? finish_job(w, NULL, 0) : AGAIN;
    w->most = 10000;                      /* asks for as long as the vendor keeps the session */
    if (!ch_col_bool(&rows, 0, "agreed")) /* taken back: the vendor is not asked any more */
        return record_liveness(w, false, NULL);
    if (ch_col_bool(&rows, 0, "expired"))
        return record_liveness(w, false, "人脸核身超时未完成，请重新认证。");
    if (!read_person(w, &rows, &p))
        return retry_job(w, "form lacks the person");
    if (ch_faceid_result(w->a, &w->fault, ch_col(&rows, 0, "biz_token"), &answer, &face) != CH_OK)
        return retry_job(w, "liveness: not set up");
    if (answer.outcome == CH_REFUSED)
        return record_liveness(w, false, "人脸核身已失效，请重新认证。");
    if (answer.outcome == CH_ACCEPTED && face.state == CH_FACE_WAITING && ch_col_bool(&rows, 0, "left"))
        return record_liveness(w, false, "人脸识别没有完成，请在手机上重新进行。");
    if (answer.outcome == CH_UNKNOWN || face.state == CH_FACE_WAITING)
        return await_job(w, "liveness under way", LOOK_EVERY_MS);
    if (face.state == CH_FACE_FAILED)
        return record_liveness(w, false, "人脸核身未通过，请在光线充足处由本人重新认证。");
    /* The result must be about the person and the session that the hall asked for. */
    if (strcmp(face.name, p.name) != 0 || strcmp(face.id_no, p.id_no) != 0 || strcmp(face.extra, w->subject) != 0)
        return record_liveness(w, false, "人脸核身结果与本人信息不符，请重新认证。");
    if (ch_col(&rows, 0, "carrier") == NULL)
        return await_job(w, "carrier has not answered yet", LOOK_EVERY_MS);
    return record_liveness(w, true, NULL);
}
