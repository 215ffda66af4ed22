/* SPDX-License-Identifier: Apache-2.0
 * What Tencent Cloud's services in the sandbox have in common: the table row of an action, and the two kinds of answer. */
#ifndef MODULE_SANDBOX_TENCENT_H
#define MODULE_SANDBOX_TENCENT_H

#include "modules/sandbox/sandbox.h"

/* Tencent Cloud's three services, at 127.0.0.12, .13, .14 */
ch_handler sandbox_tencent;
/* sms.c: the address of delivery reports, which is set in the vendor's console in real life */
extern const struct ch_input sandbox_sms_callback_body;
ch_handler sandbox_sms_callback_set;
/* templates.c: the texts that the SMS vendor has approved */
extern const struct ch_input sandbox_templates_body;
ch_handler sandbox_templates_set;
/* inbox.c: the newcomer's short messages */
ch_handler sandbox_inbox;
/* face_page.c: the page of the liveness check */
ch_handler sandbox_face_page, sandbox_face_pass, sandbox_face_fail, sandbox_face_quit, sandbox_face_tour;

/* Handles an action. `in` is an object with known parameters only, and with all required ones. */
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

/* Answers {"Response":{"Error":{…}}} with status 200, like the vendor. */
enum ch_err tencent_refuse(struct ch_req *r, const char *code, const char *message);
/* Writing an answer: tencent_begin opens {"Response":{, tencent_end adds RequestId, closes the objects and sends. */
void tencent_begin(struct ch_req *r, struct ch_jw *w);
enum ch_err tencent_end(struct ch_req *r, struct ch_jw *w);

#endif
