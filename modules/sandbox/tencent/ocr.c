/* SPDX-License-Identifier: Apache-2.0
 * IDCardOCR and BizLicenseOCR. They read the note that sample papers carry in their bytes (papers/picture.h); a photo of a real
 * card is "no ID card" here. */
#include "modules/sandbox/tencent/tencent.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "modules/sandbox/papers/picture.h"

#include <string.h>

/* True when today is later than the end of a period such as 2019.05.01-2039.05.01; one that ends with 长期 never ends. */
static bool is_over(struct ch_req *r, const char *valid)
{
    const char *end = strchr(valid, '-'), *today = ch_beijing(r->a, ch_now_ms() / 1000, "%Y.%m.%d");
    return end != NULL && end[1] >= '0' && end[1] <= '9' && strcmp(end + 1, today) < 0;
}

struct refusal {
    const char *code, *message;
};

/* Reads the note of the picture into *paper; returns the refusal, whose code is NULL when all is well. */
static struct refusal read_paper(struct ch_req *r, const struct ch_json *in, const char *nothing, struct ch_json **paper)
{
    const char *base64 = ch_json_text(in, "ImageBase64"), *data;
    struct ch_bytes image;

    if (base64 == NULL || *base64 == '\0')
        return (struct refusal){"FailedOperation.EmptyImageError", "the picture is empty"};
    if (!ch_unbase64(r->a, base64, &image) || !picture_known(image))
        return (struct refusal){"FailedOperation.ImageDecodeFailed", "the picture cannot be decoded"};
    data = picture_note(r->a, image);
    if (data == NULL || ch_json_parse(r->a, CH_BYTES(data, strlen(data)), paper, NULL) != CH_JSON_OK)
        return (struct refusal){nothing, "nothing of the kind in the picture"};
    return (struct refusal){NULL, NULL};
}

enum ch_err tencent_idcard_ocr(struct ch_req *r, const struct ch_json *in)
{
    static const char *const names[] = {"Name", "Sex", "Nation", "Birth", "Address", "IdNum", "Authority", "ValidDate"};
    const char *side = sandbox_text(in, "CardSide");
    struct ch_json *paper = NULL;
    struct ch_jw w;

    if (*side != '\0' && strcmp(side, "FRONT") != 0 && strcmp(side, "BACK") != 0)
        return tencent_refuse(r, "InvalidParameterValue.InvalidParameterValueLimit", "CardSide");
    struct refusal no = read_paper(r, in, "FailedOperation.ImageNoIdCard", &paper);
    if (no.code != NULL)
        return tencent_refuse(r, no.code, no.message);
    const char *kind = sandbox_text(paper, "paper");
    bool front = strcmp(kind, "idcard-front") == 0;
    if (!front && strcmp(kind, "idcard-back") != 0)
        return tencent_refuse(r, "FailedOperation.ImageNoIdCard", "no ID card in the picture");
    if (*side != '\0' && front != (strcmp(side, "FRONT") == 0))
        return tencent_refuse(r, "FailedOperation.CardSideError", "the other side of the card");
    bool over = !front && is_over(r, sandbox_text(paper, "ValidDate"));
    tencent_begin(r, &w);
    for (size_t i = 0; i < CH_COUNT(names); i++)
        ch_jw_text(&w, names[i], (i < 6) == front ? sandbox_text(paper, names[i]) : ""); /* six are on the front */
    ch_jw_text(&w, "AdvancedInfo", over ? "{\"WarnInfos\":[-9100]}" : "{\"WarnInfos\":[]}");
    return tencent_end(r, &w);
}

enum ch_err tencent_licence_ocr(struct ch_req *r, const struct ch_json *in)
{
    struct ch_json *paper = NULL;
    struct refusal no = read_paper(r, in, "FailedOperation.OcrFailed", &paper);
    struct ch_jw w;

    if (no.code != NULL)
        return tencent_refuse(r, no.code, no.message);
    if (strcmp(sandbox_text(paper, "paper"), "licence") != 0)
        return tencent_refuse(r, "FailedOperation.OcrFailed", "no business licence in the picture");
    tencent_begin(r, &w);
    ch_jw_text(&w, "RegNum", sandbox_text(paper, "RegNum"));
    ch_jw_text(&w, "Name", sandbox_text(paper, "Name"));
    ch_jw_text(&w, "Person", sandbox_text(paper, "Person"));
    ch_jw_text(&w, "Address", sandbox_text(paper, "Address"));
    ch_jw_text(&w, "Capital", "壹仟万元人民币"); /* from here on: the same on every drawn licence (papers/unit.c) */
    ch_jw_text(&w, "Business", "软件开发；信息技术咨询服务；数字证书应用技术服务。");
    ch_jw_text(&w, "Type", "有限责任公司");
    ch_jw_text(&w, "Period", "2015年06月01日至长期");
    ch_jw_text(&w, "ComposingForm", "");
    ch_jw_text(&w, "SetDate", "2015年06月01日");
    ch_jw_text(&w, "RegistrationDate", "");
    ch_jw_array(&w, "RecognizeWarnCode");
    ch_jw_end_array(&w);
    ch_jw_array(&w, "RecognizeWarnMsg");
    ch_jw_end_array(&w);
    ch_jw_int(&w, "IsDuplication", -1);
    return tencent_end(r, &w);
}
