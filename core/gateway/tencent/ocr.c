/* SPDX-License-Identifier: Apache-2.0
 * Text recognition of ID cards and business licences through Tencent Cloud ocr. */
#include "core/gateway/tencent/ocr.h"

#include "core/base/codec.h"
#include "core/gateway/tencent/tencent.h"

#include <string.h>

static const struct ch_tencent_service service = {CH_V_OCR, "ocr", "2018-11-19"};

/* The vendor wants this as JSON text inside a JSON string. */
static const char config[] = "{\"CopyWarn\":true,\"BorderCheckWarn\":true,\"ReshootWarn\":true,\"DetectPsWarn\":true,"
                             "\"TempIdWarn\":true,\"InvalidDateWarn\":true}";

static unsigned warning_of_card(int64_t code)
{
    switch (code) {
    case -9100:
        return CH_CARD_EXPIRED;
    case -9101:
        return CH_CARD_BORDER;
    case -9102:
        return CH_CARD_COPY;
    case -9103:
        return CH_CARD_RESHOOT;
    case -9104:
        return CH_CARD_TEMPORARY;
    case -9106:
        return CH_CARD_RETOUCHED;
    default:
        return CH_CARD_OTHER;
    }
}

static unsigned warnings_of(const struct ch_json *list, unsigned (*warning_of)(int64_t code))
{
    unsigned out = 0;
    int64_t code;

    for (const struct ch_json *e = list != NULL ? list->first : NULL; e != NULL; e = e->next)
        if (ch_json_node_int(e, &code))
            out |= warning_of(code);
    return out;
}

static const char *text_of(const struct ch_json *obj, const char *key)
{
    return ch_or_empty(ch_json_text(obj, key));
}

static bool too_large(struct ch_bytes image, struct ch_answer *answer)
{
    if (image.n <= CH_OCR_MAX_IMAGE)
        return false;
    *answer = (struct ch_answer){CH_REFUSED, "too_large", "the picture is larger than the vendor takes", ""};
    return true;
}

enum ch_err ch_ocr_card(struct ch_arena *a, struct ch_fault *f, enum ch_card_side side, struct ch_bytes image,
                        struct ch_answer *answer, struct ch_card *card)
{
    const struct ch_json *r;
    struct ch_json *advanced = NULL;
    struct ch_jw w;

    *card = (struct ch_card){"", "", "", "", "", "", "", "", 0};
    if (too_large(image, answer))
        return CH_OK;
    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "ImageBase64", ch_base64(a, image));
    ch_jw_text(&w, "CardSide", side == CH_CARD_FRONT ? "FRONT" : "BACK");
    ch_jw_text(&w, "Config", config);
    ch_jw_end_object(&w);
    enum ch_err e = ch_tencent_call(a, f, &service, CH_REPEAT, "IDCardOCR", ch_jw_done(&w), answer, &r);
    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    const char *info = text_of(r, "AdvancedInfo"); /* again JSON text inside a string */
    if (ch_json_parse(a, CH_BYTES(info, strlen(info)), &advanced, NULL) != CH_JSON_OK)
        advanced = NULL;
    *card = (struct ch_card){
        text_of(r, "Name"),
        text_of(r, "Sex"),
        text_of(r, "Nation"),
        text_of(r, "Birth"),
        text_of(r, "Address"),
        text_of(r, "IdNum"),
        text_of(r, "Authority"),
        text_of(r, "ValidDate"),
        warnings_of(ch_json_get(advanced, "WarnInfos"), warning_of_card),
    };
    return CH_OK;
}

/* The numbers differ from those of cards: a picture taken off a screen is -9103 there and -9104 here. */
static unsigned warning_of_licence(int64_t code)
{
    switch (code) {
    case -9102:
        return CH_LICENCE_COPY;
    case -9104:
        return CH_LICENCE_RESHOOT;
    default:
        return CH_LICENCE_OTHER;
    }
}

enum ch_err ch_ocr_licence(struct ch_arena *a, struct ch_fault *f, struct ch_bytes image, struct ch_answer *answer,
                           struct ch_licence *licence)
{
    const struct ch_json *r;
    struct ch_jw w;

    *licence = (struct ch_licence){"", "", "", "", "", 0};
    if (too_large(image, answer))
        return CH_OK;
    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "ImageBase64", ch_base64(a, image));
    ch_jw_bool(&w, "EnableCopyWarn", true);
    ch_jw_end_object(&w);
    enum ch_err e = ch_tencent_call(a, f, &service, CH_REPEAT, "BizLicenseOCR", ch_jw_done(&w), answer, &r);
    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    *licence = (struct ch_licence){
        text_of(r, "RegNum"), text_of(r, "Name"),
        text_of(r, "Person"), text_of(r, "Address"),
        text_of(r, "Period"), warnings_of(ch_json_get(r, "RecognizeWarnCode"), warning_of_licence),
    };
    return CH_OK;
}
