/* SPDX-License-Identifier: Apache-2.0
 * What somebody uploads to have its signature checked: CMS in all its wrappings, PDF, and each signature held against a
 * content. */
#include "core/pki/ber.h"
#include "core/pki/cms.h"
#include "core/pki/pdf.h"
#include "core/pki/trust.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ch_arena *a;

/* Data that were made definite do not change when they are made definite again. */
static void ber(struct ch_bytes file)
{
    struct ch_bytes once, twice, rest;

    if (!ch_ber_definite(a, &file, &once))
        return;
    rest = once;
    if (!ch_ber_definite(a, &rest, &twice) || rest.n != 0 || twice.p != once.p || twice.n != once.n)
        abort();
}

static void signers(const struct ch_cms *cms)
{
    struct ch_trusted given = {cms->certs, 1, cms->certs, cms->n_certs};
    struct ch_chain chain;

    if (cms->n_signers == 0 || cms->n_signers > CH_CMS_SIGNERS || cms->n_certs > CH_CMS_CERTS)
        abort();
    for (size_t i = 0; i < cms->n_signers; i++) {
        const struct ch_cms_signer *s = &cms->signers[i];
        if (ch_cms_check(cms, s, CH_LIT("content")) == CH_CMS_GOOD && (s->cert == NULL || s->signature.n == 0))
            abort();
        if (s->cert != NULL && given.n_between > 0)
            ch_trust_check(&given, s->cert, s->time, CH_USE_SIGN, &chain);
    }
}

static void pdf(struct ch_bytes file)
{
    struct ch_pdf_signature found[CH_PDF_SIGNATURES];
    struct ch_cms cms;
    size_t n = ch_pdf_is(file) ? ch_pdf_signatures(a, file, found) : 0;

    for (size_t i = 0; i < n; i++) {
        struct ch_bytes rest = found[i].cms;
        if (found[i].sound && ch_pdf_signed(a, file, &found[i]).n != found[i].end - (found[i].after - found[i].hole))
            abort();
        if (found[i].sound && ch_cms_take(a, &rest, &cms))
            signers(&cms);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_bytes file = CH_BYTES(data, size);
    struct ch_cms cms;

    a = ch_arena_new();
    ber(file);
    if (ch_cms_read(a, file, &cms))
        signers(&cms);
    pdf(file);
    ch_arena_free(a);
    return 0;
}
