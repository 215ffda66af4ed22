/* SPDX-License-Identifier: Apache-2.0
 * A check in three steps: what was uploaded is read into signatures and held against its content (upload.c), each
 * signature's certificate is judged (judge.c), and all of it told (report.c). */
#ifndef MODULE_VERIFY_H
#define MODULE_VERIFY_H

#include "core/pki/cms.h"
#include "core/pki/ses.h"
#include "core/pki/trust.h"
#include "core/web/request.h"
#include "verify_sql.h"

#define SIGNATURES_MAX 16
#define FINDINGS_MAX 10

/* What something is worth, from best to worst. The worst of its findings decides for a signature, the worst of its signatures
 * for a file. */
enum level {
    VALID,
    LIMITED, /* valid, but there is something that one should know */
    UNSURE,  /* nothing wrong, but not enough to say that it is right */
    INVALID,
};

/* One thing that was looked at. */
struct finding {
    const char *check;  /* machine word: content, chain, time, revocation, seal */
    enum level level;
    const char *text;   /* what was found */
    const char *advice; /* what to do, or NULL */
};

/* What our records say. */
struct known {
    bool found;
    const char *state, *reason, *type;
    int64_t revoked_at; /* seconds since 1970 */
};

struct signature {
    const char *title;
    X509 *cert;           /* the signer's; NULL: unknown */
    int64_t time;         /* when it says that it was made; 0: it says nothing */
    X509 *const *sent;    /* certificates that came along */
    size_t n_sent;
    const struct ch_ses *seal;  /* the seal that it makes or uses, or NULL */
    struct ch_bytes made; /* DER of a seal whose maker's signature this is; p NULL otherwise */
    struct ch_chain chain;
    struct known known;
    struct finding findings[FINDINGS_MAX];
    size_t n;
};

struct upload {
    const char *kind;        /* cms, pdf, seal, seal_use */
    struct ch_bytes content; /* what is signed; p NULL: it is not there */
    struct signature signatures[SIGNATURES_MAX];
    size_t n;
};

/* Notes a finding; beyond FINDINGS_MAX nothing. */
void find(struct signature *s, const char *check, enum level level, const char *text, const char *advice);
enum level worth(const struct signature *s);

/* Reads one or two files, in either order. A sentence for the person when nothing signed is among them. */
enum ch_err read_upload(struct ch_req *r, struct ch_bytes one, struct ch_bytes other, struct upload *out) CH_MUST;

/* Chain, time and revocation of every signature that has a certificate. Two round trips. */
enum ch_err judge(struct ch_req *r, struct upload *u, int64_t now) CH_MUST;

/* The answer. */
char *report(struct ch_req *r, const struct upload *u, int64_t now);

#endif
