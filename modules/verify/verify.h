/* SPDX-License-Identifier: Apache-2.0
 * Module verify: the check of signatures, seals and receipts that everybody may upload. It has three steps: the upload is read into
 * signatures, and each is checked against its content (upload.c); each signature's certificate is judged (judge.c); and the
 * findings are written as the answer (report.c). Everything lives in the request's arena. */
#ifndef MODULE_VERIFY_H
#define MODULE_VERIFY_H

#include "core/order/receipt.h"
#include "core/pki/cms.h"
#include "core/pki/ses.h"
#include "core/pki/trust.h"
#include "core/web/request.h"
#include "verify_sql.h"

#define SIGNATURES_MAX 16
#define FINDINGS_MAX 10

/* The verdict on a finding, from best to worst. A signature gets the worst verdict of its findings, a file the worst of its
 * signatures. */
enum level {
    VALID,
    LIMITED, /* valid, with a reservation that the person should know */
    UNSURE,  /* nothing is wrong, but validity could not be established */
    INVALID,
};

/* The result of one check. */
struct finding {
    const char *check; /* machine word: content, coverage, chain, time, revocation, seal, log */
    enum level level;
    const char *text;   /* what was found */
    const char *advice; /* what to do, or NULL */
};

/* What the authority's records say about a certificate. */
struct known {
    bool found;
    const char *state, *reason, *type;
    int64_t revoked_at; /* seconds since 1970 */
};

struct signature {
    const char *title;
    X509 *cert;        /* the signer's certificate; NULL when it is unknown */
    int64_t time;      /* when it was made, by its own account, in seconds since 1970; 0: it does not say */
    X509 *const *sent; /* the certificates that the upload contains */
    size_t n_sent;
    const struct ch_ses *seal;        /* the seal that the signature makes or uses, or NULL */
    const struct ch_receipt *receipt; /* if this is the signature of the log to which a receipt refers, or NULL */
    struct ch_bytes made; /* the DER of the seal if this is the signature of the seal's maker; otherwise p is NULL */
    struct ch_chain chain;
    struct known known;
    struct finding findings[FINDINGS_MAX];
    size_t n;
};

struct upload {
    const char *kind;        /* cms, pdf, seal, seal_use, receipt */
    struct ch_bytes content; /* what is signed; p is NULL if the upload does not contain it */
    struct signature signatures[SIGNATURES_MAX];
    size_t n;
};

/* Adds a finding; findings beyond FINDINGS_MAX are dropped. */
void verify_note(struct signature *s, const char *check, enum level level, const char *text, const char *advice);
/* The worst verdict of the signature's findings. */
enum level verify_worth(const struct signature *s);

/* Reads one or two files, in either order. CH_E_INVALID, with a sentence for the person, when neither of them is signed. */
enum ch_err verify_read(struct ch_req *r, struct ch_bytes one, struct ch_bytes other, struct upload *out) CH_MUST;

/* Judges chain, time and revocation of every signature that has a certificate, and the seal. Takes two round trips. */
enum ch_err verify_judge(struct ch_req *r, struct upload *u, int64_t now) CH_MUST;

/* Writes the answer as JSON. */
char *verify_report(struct ch_req *r, const struct upload *u, int64_t now);

#endif
