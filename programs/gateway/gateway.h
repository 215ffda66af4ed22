/* SPDX-License-Identifier: Apache-2.0
 * certhall-gateway: the outside services as an operator sees them. */
#ifndef PROGRAM_GATEWAY_H
#define PROGRAM_GATEWAY_H

#include "core/gateway/vendor.h"

/* A harmless call that shows whether address, number and keys are right. `argument` is the command line's, or NULL. Returns
 * and answers as an adapter does. */
typedef enum ch_err gateway_check(struct ch_arena *a, struct ch_fault *f, const char *argument, struct ch_answer *answer);

struct gateway_row {
    enum ch_vendor vendor;
    gateway_check *run;
    const char *good; /* codes of refusals that only somebody who was let in gets, separated by blanks */
    const char *does; /* what the call is */
};
/* One row a vendor, in the order of vendor.tbl. */
extern const struct gateway_row gateway_rows[CH_V__COUNT];

gateway_check check_wechatpay, check_alipay;           /* pay.c */
gateway_check check_sms, check_faceid, check_ocr;      /* tencent.c */
gateway_check check_cmb, check_nuonuo;                 /* money.c */
gateway_check check_sf, check_jd, check_mail, check_s3; /* goods.c */
gateway_check check_cmp;                               /* cmp.c */

/* What an operator can do about an answer: a sentence, or NULL when nothing is known of that code. */
const char *gateway_advice(enum ch_vendor v, const struct ch_answer *answer);

#endif
