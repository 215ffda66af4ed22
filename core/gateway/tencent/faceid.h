/* SPDX-License-Identifier: Apache-2.0
 * The authentication of persons: Tencent Cloud faceid 2018-03-01. There is the liveness check in a web page (DetectAuth,
 * GetDetectInfoEnhanced) and the carrier check, whether name, ID number and phone belong together (PhoneVerification). */
#ifndef CH_GATEWAY_TENCENT_FACEID_H
#define CH_GATEWAY_TENCENT_FACEID_H

#include "core/gateway/outcome.h"

struct ch_face_request {
    const char *name, *id_no; /* an X in the number is upper case */
    const char *redirect_url; /* where the browser returns to; the return itself proves nothing */
    const char *extra;        /* our nonce, which the result must repeat */
};

struct ch_face_session {
    const char *url;       /* the page that the phone is sent to */
    const char *biz_token; /* identifies the session when asking for the result; valid for two hours */
};

enum ch_err ch_faceid_begin(struct ch_arena *a, struct ch_fault *f, const struct ch_face_request *req,
                            struct ch_answer *answer, struct ch_face_session *session) CH_MUST;

enum ch_face_state { CH_FACE_WAITING = 0, CH_FACE_PASSED, CH_FACE_FAILED };

struct ch_face_result {
    enum ch_face_state state;
    int64_t code;             /* the vendor's: 0 passed, 17 not finished */
    const char *message;      /* the vendor's sentence, or "" */
    const char *name, *id_no; /* of the person who passed; the caller compares them with the request's */
    const char *extra;        /* the caller compares this with its nonce */
};

/* Asks for the verdict only: the picture of the face stays with the vendor. CH_REFUSED with
 * "InvalidParameterValue.BizTokenExpired": begin anew. */
enum ch_err ch_faceid_result(struct ch_arena *a, struct ch_fault *f, const char *biz_token, struct ch_answer *answer,
                             struct ch_face_result *result) CH_MUST;

enum ch_phone_match {
    CH_PHONE_UNPROVED = 0, /* any code that is not known here */
    CH_PHONE_MATCH,
    CH_PHONE_MISMATCH,  /* `detail` says what does not match */
    CH_PHONE_BAD_INPUT, /* the vendor does not accept phone, ID number or name */
    CH_PHONE_NO_RECORD, /* the phone number is too new, or unknown to the carriers */
    CH_PHONE_LATER,     /* busy, or the limit of the day: the answer's outcome is CH_UNKNOWN then */
};

struct ch_phone_result {
    enum ch_phone_match match;
    const char *code;   /* "0", "-4" … */
    const char *detail; /* "PhoneNameMismatch" … or "" */
    const char *isp;    /* 移动, 电信, 联通, or "" */
};

enum ch_err ch_faceid_phone_check(struct ch_arena *a, struct ch_fault *f, const char *name, const char *id_no,
                                  const char *phone, struct ch_answer *answer, struct ch_phone_result *result) CH_MUST;

#endif
