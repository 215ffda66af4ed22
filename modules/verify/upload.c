/* SPDX-License-Identifier: Apache-2.0
 * Reads an upload: finds out which of its files is signed and in which format, and checks each signature against the content. */
#include "modules/verify/verify.h"

#include "core/base/clock.h"
#include "core/pki/pdf.h"

#include <string.h>

/* Adds a signature to the upload; NULL when SIGNATURES_MAX is reached. */
static struct signature *add_signature(struct upload *u, const char *title)
{
    if (u->n == SIGNATURES_MAX)
        return NULL;
    u->signatures[u->n] = (struct signature){.title = title};
    return &u->signatures[u->n++];
}

/* ---- CMS ---- */

/* The verdict on each result, and what the person should do then. */
static const struct {
    enum level level;
    const char *advice;
} after_cms[CH_CMS__COUNT] = {
    [CH_CMS_GOOD] = {VALID, NULL},
    [CH_CMS_NO_CONTENT] = {UNSURE, "请把原文件和签名文件一起选上，再验证一次。"},
    [CH_CMS_NO_CERT] = {UNSURE, "请签名人重新签名，并在签名软件中选择附带证书。"},
    [CH_CMS_ALGORITHM] = {UNSURE, "请用签名人所用的软件验证，或请其改用支持的算法重新签名。"},
    [CH_CMS_ATTRIBUTES] = {INVALID, "请签名人重新签名。"},
    [CH_CMS_CONTENT] = {INVALID,
                        "请核对选择的是否就是被签名的那个原文件；若是，说明文件在签名后被改动过，请向签名人索取原件。"},
    [CH_CMS_SUBSTITUTED] = {INVALID, "请不要采信这份签名，并与签名人核实。"},
    [CH_CMS_SIGNATURE] = {INVALID, "请不要采信这份签名，并向签名人重新索取。"},
};

static void note_cms_result(struct signature *s, enum ch_cms_result result)
{
    verify_note(s, "content", after_cms[result].level, ch_cms_words(result), after_cms[result].advice);
}

static void add_cms_signer(struct upload *u, const struct ch_cms *cms, const struct ch_cms_signer *signer,
                           struct ch_bytes content, const char *title)
{
    struct signature *s = add_signature(u, title);

    if (s == NULL)
        return;
    s->cert = signer->cert;
    s->time = signer->time;
    s->sent = cms->certs;
    s->n_sent = cms->n_certs;
    note_cms_result(s, ch_cms_check(cms, signer, content));
}

static bool read_cms(struct ch_req *r, struct ch_bytes file, struct ch_bytes original, struct upload *u)
{
    struct ch_cms *cms = CH_NEW(r->a, struct ch_cms);

    if (!ch_cms_read(r->a, file, cms))
        return false;
    u->kind = "cms";
    u->content = cms->attached ? cms->content : original;
    for (size_t i = 0; i < cms->n_signers; i++)
        add_cms_signer(u, cms, &cms->signers[i], original,
                       cms->n_signers == 1 ? "签名" : ch_printf(r->a, "签名 %zu", i + 1));
    if (cms->attached && original.n > 0 &&
        (original.n != cms->content.n || memcmp(original.p, cms->content.p, original.n) != 0))
        verify_note(&u->signatures[0], "content", INVALID, "签名文件里自带的内容与另外选择的文件不是同一份",
                    "被签名的是签名文件里自带的内容；请以它为准，或只选择签名文件再验证一次。");
    return true;
}

/* ---- PDF ---- */

/* Notes whether the signature covers the file up to its end. `last` means that no other signature covers more of it. */
static void note_pdf_coverage(struct signature *s, size_t end, size_t file, bool last)
{
    if (end == file)
        verify_note(s, "coverage", VALID, "签名覆盖整个文件，签名后文件没有改动", NULL);
    else if (last)
        verify_note(s, "coverage", INVALID, "签名之后文件又被改动过，改动的部分没有任何签名",
                    "请向签名人索取签名后未再改动的文件；不要用其他软件另存。");
    else
        verify_note(s, "coverage", LIMITED, "签名之后文件又追加过内容（例如另一个人的签名），追加的部分由后面的签名覆盖",
                    "请同时查看后面的签名，确认追加的内容是您认可的。");
}

/* The rest of /Contents must be zeros, because it is the only part of the file that no signature covers. */
static bool all_zero(struct ch_bytes rest)
{
    for (size_t i = 0; i < rest.n; i++)
        if (rest.p[i] != 0)
            return false;
    return true;
}

static void check_pdf_content(struct ch_req *r, struct ch_bytes file, const struct ch_pdf_signature *p, struct signature *s)
{
    struct ch_cms *cms = CH_NEW(r->a, struct ch_cms);
    struct ch_bytes rest = p->cms;
    struct ch_arena *scratch;

    if (!p->sound || !ch_cms_take(r->a, &rest, cms) || !all_zero(rest) || cms->n_signers != 1) {
        verify_note(s, "content", INVALID, "PDF 里的签名结构不正确，可能被改动过",
                    "请不要采信这份签名，并向签名人重新索取。");
        return;
    }
    s->cert = cms->signers[0].cert;
    s->time = cms->signers[0].time;
    s->sent = cms->certs;
    s->n_sent = cms->n_certs;
    if (cms->attached) {
        verify_note(s, "content", UNSURE, "PDF 里的签名不是通行的分离式签名，无法核对内容", "请用签名人所用的软件验证。");
        return;
    }
    scratch = ch_arena_new(); /* holds a copy of the file, so only one at a time */
    note_cms_result(s, ch_cms_check(cms, &cms->signers[0], ch_pdf_signed(scratch, file, p)));
    ch_arena_free(scratch);
}

static bool read_pdf(struct ch_req *r, struct ch_bytes file, struct ch_bytes original, struct upload *u)
{
    struct ch_pdf_signature found[CH_PDF_SIGNATURES];
    size_t n = ch_pdf_is(file) ? ch_pdf_signatures(r->a, file, found) : 0;

    (void)original;
    if (n == 0)
        return false;
    u->kind = "pdf";
    u->content = file;
    for (size_t i = 0; i < n; i++) {
        struct signature *s = add_signature(u, n == 1 ? "PDF 签名" : ch_printf(r->a, "PDF 签名 %zu", i + 1));
        if (s == NULL)
            break;
        check_pdf_content(r, file, &found[i], s);
        note_pdf_coverage(s, found[i].end, file.n, i + 1 == n || found[n - 1].end == found[i].end);
    }
    return true;
}

/* ---- seals ---- */

static void free_cert(void *cert)
{
    X509_free(cert);
}

/* Frees the certificate when the request ends. */
static X509 *free_later(struct ch_req *r, X509 *cert)
{
    if (cert != NULL)
        ch_defer(r->a, free_cert, cert);
    return cert;
}

static void note_seal_verdict(struct signature *s, enum ch_ses_verdict v)
{
    if (v == CH_SES_GOOD)
        verify_note(s, "content", VALID, "签名正确，自制作以来没有改动", NULL);
    else
        verify_note(s, "content", INVALID, ch_ses_words(v),
                    v == CH_SES_EXPIRED ? "印章过期后不能再使用，请换用有效的印章。" : "请不要采信，并向出具人重新索取。");
}

/* Adds the signature of the seal's maker, and checks it at the time `at`. */
static void add_seal(struct ch_req *r, struct upload *u, const struct ch_ses *seal, struct ch_bytes der, int64_t at)
{
    struct signature *s = add_signature(u, "印章制作者的签名");

    if (s == NULL)
        return;
    s->seal = seal;
    s->made = der;
    s->cert = free_later(r, ch_ses_maker(seal));
    s->time = seal->created;
    note_seal_verdict(s, ch_ses_verify(seal, at));
}

static bool read_use(struct ch_req *r, struct ch_bytes der, struct ch_bytes original, struct upload *u)
{
    struct ch_ses_use *use = CH_NEW(r->a, struct ch_ses_use);

    if (!ch_ses_use_read(r->a, der, use))
        return false;
    u->kind = "seal_use";
    u->content = original;
    struct signature *s = add_signature(u, "盖章人的签名");
    s->seal = &use->seal;
    s->cert = free_later(r, ch_cert_read(use->cert));
    s->time = use->time;
    note_seal_verdict(s, ch_ses_use_verify(use, original));
    if (original.p == NULL)
        verify_note(s, "content", UNSURE, "没有选择盖章的原文件，未能核对内容",
                    "请把原文件和签章文件一起选上，再验证一次。");
    add_seal(r, u, &use->seal, use->seal_der, use->time > 0 ? use->time : use->seal.created);
    return true;
}

static bool read_seal(struct ch_req *r, struct ch_bytes der, struct ch_bytes original, struct upload *u)
{
    struct ch_ses *seal = CH_NEW(r->a, struct ch_ses);

    (void)original;
    if (!ch_ses_read(r->a, der, seal))
        return false;
    u->kind = "seal";
    u->content = der;
    add_seal(r, u, seal, der, ch_now_ms() / 1000);
    return true;
}

/* ---- receipts ---- */

static bool read_receipt(struct ch_req *r, struct ch_bytes file, struct ch_bytes original, struct upload *u)
{
    struct ch_receipt *receipt = CH_NEW(r->a, struct ch_receipt);
    enum ch_receipt_result result = ch_receipt_read(r->a, file, receipt);

    (void)original;
    if (result == CH_RECEIPT_NONE)
        return false;
    u->kind = "receipt";
    u->content = file;
    struct signature *s = add_signature(u, ch_printf(r->a, "业务单 %s 的办理记录", receipt->order));
    s->receipt = receipt;
    if (result == CH_RECEIPT_GOOD)
        verify_note(s, "content", VALID,
                    ch_printf(r->a, "回执中的 %zu 条办理记录都在日志里，次序完整，没有改动", receipt->rows), NULL);
    else
        verify_note(s, "content", INVALID,
                    result == CH_RECEIPT_ORDER ? "回执中的办理记录有缺失，或次序被改动过" : "回执中的办理记录被改动过",
                    "请不要采信，并请申请人重新下载回执。");
    return true;
}

/* ---- finding out the format ---- */

typedef bool reader(struct ch_req *r, struct ch_bytes file, struct ch_bytes original, struct upload *u);

/* A signature beside a file is tried before one inside of a file: somebody who uploads both means the former. */
static reader *const readers[] = {read_cms, read_use, read_pdf, read_seal, read_receipt};

static const char *nothing_signed(struct ch_bytes file)
{
    if (ch_pdf_is(file))
        return "这个 PDF 文件里没有数字签名。如果签名是另外的文件（如 .p7s），请把它和 PDF 一起选上。";
    if (file.n > 4 && memcmp(file.p, "PK\x03\x04", 4) == 0)
        return "暂不支持直接验证 OFD、Word 等压缩格式的文件，请选择其签名文件（如 .p7s）和原文件，或签章数据（如 SignedValue.dat）。";
    return "没有在文件里找到签名。可以验证：签名文件 .p7s、.p7m、.p7b（分离式签名请同时选择原文件）、已签名的 PDF、电子印章 .esl、签章数据、办理记录回执。";
}

enum ch_err verify_read(struct ch_req *r, struct ch_bytes one, struct ch_bytes other, struct upload *out)
{
    for (size_t i = 0; i < CH_COUNT(readers); i++)
        if (readers[i](r, one, other, out) || (other.n > 0 && readers[i](r, other, one, out)))
            return CH_OK;
    return ch_fail_say(r, CH_E_INVALID, nothing_signed(one));
}
