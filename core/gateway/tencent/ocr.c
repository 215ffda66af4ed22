/* SPDX-License-Identifier: Apache-2.0 */
#include "core/gateway/tencent/ocr.h"

#include "core/base/codec.h"
#include "core/gateway/tencent/tencent.h"

#include <string.h>

static const struct ch_tencent_service service = {CH_V_OCR, "ocr", "2018-11-19"};

/* A JSON text inside a JSON string: that is how the vendor wants it. */
static const char config[] = "{\"CopyWarn\":true,\"BorderCheckWarn\":true,\"ReshootWarn\":true,\"DetectPsWarn\":true,"
                             "\"TempIdWarn\":true,\"InvalidDateWarn\":true}";

static char *card_body(struct ch_arena *a, enum ch_card_side side, struct ch_bytes image)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "ImageBase64", ch_base64(a, image));
    ch_jw_text(&w, "CardSide", side == CH_CARD_FRONT ? "FRONT" : "BACK");
    ch_jw_text(&w, "Config", config);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

static unsigned card_warning(int64_t code)
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

static unsigned card_warnings(struct ch_arena *a, const char *advanced)
{
    struct ch_json *root = NULL;

    if (advanced == NULL || ch_json_parse(a, CH_BYTES(advanced, strlen(advanced)), &root, NULL) != CH_JSON_OK)
        return 0;
    return warnings_of(ch_json_get(root, "WarnInfos"), card_warning);
}

static const char *text(const struct ch_json *obj, const char *key)
{
    const char *s = ch_json_text(obj, key);
    return s != NULL ? s : "";
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

    *card = (struct ch_card){"", "", "", "", "", "", "", "", 0};
    if (too_large(image, answer))
        return CH_OK;
    enum ch_err e = ch_tencent_call(a, f, &service, CH_REPEAT, "IDCardOCR", card_body(a, side, image), answer, &r);
    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    *card = (struct ch_card){
        text(r, "Name"),    text(r, "Sex"),   text(r, "Nation"),    text(r, "Birth"),
        text(r, "Address"), text(r, "IdNum"), text(r, "Authority"), text(r, "ValidDate"),
        card_warnings(a, ch_json_text(r, "AdvancedInfo")),
    };
    return CH_OK;
}

static char *licence_body(struct ch_arena *a, struct ch_bytes image)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "ImageBase64", ch_base64(a, image));
    ch_jw_bool(&w, "EnableCopyWarn", true);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

/* Not the card's numbers: what is -9103 there is -9104 here. */
static unsigned licence_warning(int64_t code)
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

    *licence = (struct ch_licence){"", "", "", "", "", 0};
    if (too_large(image, answer))
        return CH_OK;
    enum ch_err e = ch_tencent_call(a, f, &service, CH_REPEAT, "BizLicenseOCR", licence_body(a, image), answer, &r);
    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    *licence = (struct ch_licence){
        text(r, "RegNum"),  text(r, "Name"),   text(r, "Person"),
        text(r, "Address"), text(r, "Period"), warnings_of(ch_json_get(r, "RecognizeWarnCode"), licence_warning),
    };
    return CH_OK;
}
