/* SPDX-License-Identifier: Apache-2.0
 * Reading ID cards and business licences: Tencent Cloud ocr 2018-11-19, IDCardOCR and BizLicenseOCR. */
#ifndef CH_GATEWAY_TENCENT_OCR_H
#define CH_GATEWAY_TENCENT_OCR_H

#include "core/gateway/outcome.h"

enum ch_card_side { CH_CARD_FRONT, CH_CARD_BACK };

/* The largest picture, in bytes, that the vendor accepts (7 MiB as base64). */
#define CH_OCR_MAX_IMAGE ((size_t)5 * 1024 * 1024)

enum ch_card_warning {
    CH_CARD_EXPIRED = 1u << 0,
    CH_CARD_BORDER = 1u << 1,    /* an edge is cut off */
    CH_CARD_COPY = 1u << 2,      /* a photocopy */
    CH_CARD_RESHOOT = 1u << 3,   /* taken off a screen */
    CH_CARD_TEMPORARY = 1u << 4, /* a temporary card */
    CH_CARD_RETOUCHED = 1u << 5,
    CH_CARD_OTHER = 1u << 6,
};

/* Each is "" when the side does not carry it. */
struct ch_card {
    const char *name, *sex, *nation, *birth, *address, *id_no; /* front; birth as yyyy/M/d */
    const char *authority, *valid; /* back; yyyy.MM.dd-yyyy.MM.dd, or with 长期 as its end */
    unsigned warnings;             /* of enum ch_card_warning */
};

/* PNG or JPEG. CH_REFUSED: the picture cannot be used ("FailedOperation.ImageNoIdCard", "….CardSideError", …). */
enum ch_err ch_ocr_card(struct ch_arena *a, struct ch_fault *f, enum ch_card_side side, struct ch_bytes image,
                        struct ch_answer *answer, struct ch_card *card) CH_MUST;

enum ch_licence_warning {
    CH_LICENCE_COPY = 1u << 0,    /* a black and white copy */
    CH_LICENCE_RESHOOT = 1u << 1, /* taken off a screen or a paper copy */
    CH_LICENCE_OTHER = 1u << 2,
};

/* Each is "" when the licence does not carry it. */
struct ch_licence {
    const char *reg_num; /* unified social credit code */
    const char *name, *person, *address;
    const char *period; /* "2015年06月01日至长期" */
    unsigned warnings;  /* of enum ch_licence_warning */
};

/* PNG or JPEG. CH_REFUSED: the picture cannot be used ("FailedOperation.OcrFailed" …). */
enum ch_err ch_ocr_licence(struct ch_arena *a, struct ch_fault *f, struct ch_bytes image, struct ch_answer *answer,
                           struct ch_licence *licence) CH_MUST;

#endif
