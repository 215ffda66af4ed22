/* SPDX-License-Identifier: Apache-2.0
 * What Tencent Cloud's services in the sandbox share: an action's table row, and the two kinds of answer. */
#ifndef MODULE_SANDBOX_TENCENT_H
#define MODULE_SANDBOX_TENCENT_H

#include "modules/sandbox/sandbox.h"

/* Tencent Cloud's three services, at 127.0.0.12, .13, .14 */
ch_handler sandbox_tencent;
/* sms.c: where delivery reports go, as one would set it in the vendor's console */
extern const struct ch_input sandbox_sms_callback_body;
ch_handler sandbox_sms_callback_set;
/* templates.c: which texts the SMS vendor has approved */
extern const struct ch_input sandbox_templates_body;
ch_handler sandbox_templates_set;
/* inbox.c: the newcomer's short messages */
ch_handler sandbox_inbox;
/* face_page.c: the page on which a person's face would be looked at */
ch_handler sandbox_face_page, sandbox_face_pass, sandbox_face_fail, sandbox_face_quit;

/* The request's body is valid JSON with known parameters, the required ones there. */
typedef enum ch_err tencent_handler(struct ch_req *r, const struct ch_json *in);

struct tencent_action {
    const char *address; /* host of the service */
    const char *service;
    const char *version;
    const char *name;
    const char *required; /* parameters, separated by blanks */
    const char *optional;
    tencent_handler *handle;
};

tencent_handler tencent_send_sms, tencent_detect_auth, tencent_detect_info, tencent_phone_verification,
    tencent_idcard_ocr, tencent_licence_ocr;

/* {"Response":{"Error":{…}}}, with status 200 as the vendor has it. */
enum ch_err tencent_refuse(struct ch_req *r, const char *code, const char *message);
/* Opens {"Response":{ and, at the end, adds RequestId, closes and answers. */
void tencent_begin(struct ch_req *r, struct ch_jw *w);
enum ch_err tencent_end(struct ch_req *r, struct ch_jw *w);

#endif
