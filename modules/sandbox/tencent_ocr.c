/* SPDX-License-Identifier: Apache-2.0
 * IDCardOCR: reads what the sample papers carry in their own bytes. A photo of a real card is "no ID card" here. */
#include "modules/sandbox/tencent.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "modules/sandbox/picture.h"

#include <string.h>

static const char *text(const struct ch_json *in, const char *key)
{
    const char *s = ch_json_text(in, key);
    return s != NULL ? s : "";
}

/* 2019.05.01-2039.05.01, or with 长期: over when today is later than its end. */
static bool is_over(struct ch_req *r, const char *valid)
{
    const char *end = strchr(valid, '-'), *today = ch_beijing(r->a, ch_now_ms() / 1000, "%Y.%m.%d");
    return end != NULL && end[1] >= '0' && end[1] <= '9' && strcmp(end + 1, today) < 0;
}

static enum ch_err answer(struct ch_req *r, const struct ch_json *paper, bool front)
{
    static const char *const names[] = {"Name", "Sex", "Nation", "Birth", "Address", "IdNum", "Authority", "ValidDate"};
    struct ch_jw w;

    tencent_begin(r, &w);
    for (size_t i = 0; i < CH_COUNT(names); i++)
        ch_jw_text(&w, names[i], (i < 6) == front ? text(paper, names[i]) : "");
    ch_jw_text(&w, "AdvancedInfo",
               !front && is_over(r, text(paper, "ValidDate")) ? "{\"WarnInfos\":[-9100]}" : "{\"WarnInfos\":[]}");
    return tencent_end(r, &w);
}

enum ch_err tencent_idcard_ocr(struct ch_req *r, const struct ch_json *in)
{
    const char *base64 = ch_json_text(in, "ImageBase64"), *side = text(in, "CardSide"), *data;
    struct ch_json *paper = NULL;
    struct ch_bytes image;

    if (base64 == NULL || *base64 == '\0')
        return tencent_refuse(r, "FailedOperation.EmptyImageError", "the picture is empty");
    if (*side != '\0' && strcmp(side, "FRONT") != 0 && strcmp(side, "BACK") != 0)
        return tencent_refuse(r, "InvalidParameterValue.InvalidParameterValueLimit", "CardSide");
    if (!ch_unbase64(r->a, base64, &image) || !picture_known(image))
        return tencent_refuse(r, "FailedOperation.ImageDecodeFailed", "the picture cannot be decoded");
    data = picture_note(r->a, image);
    if (data == NULL || ch_json_parse(r->a, CH_BYTES(data, strlen(data)), &paper, NULL) != CH_JSON_OK)
        return tencent_refuse(r, "FailedOperation.ImageNoIdCard", "no ID card in the picture");
    const char *kind = text(paper, "paper");
    bool front = strcmp(kind, "idcard-front") == 0;
    if (!front && strcmp(kind, "idcard-back") != 0)
        return tencent_refuse(r, "FailedOperation.ImageNoIdCard", "no ID card in the picture");
    if (*side != '\0' && front != (strcmp(side, "FRONT") == 0))
        return tencent_refuse(r, "FailedOperation.CardSideError", "the other side of the card");
    return answer(r, paper, front);
}
