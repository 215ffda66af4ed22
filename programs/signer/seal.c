/* SPDX-License-Identifier: Apache-2.0
 * Making the electronic seal of a certificate. The database has its data and the picture that the applicant has accepted. Dates
 * and number are in its row before the maker's key is used, so a crash in between does not lead to a second seal: the next
 * request finds the row and signs the same content. */
#include "programs/signer/operations.h"

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/pki/certificate.h"
#include "core/pki/ses.h"

#include <string.h>

#define SEAL_VERSION 4
#define SEAL_VENDOR "certhall"
#define MAKER_CA "sm2" /* seals are signed with SM2, whatever the holder's key is */

/* Decrypts a column of the seal's picture, after reading the field keys anew if the key is not known yet. */
static enum ch_err open_column(struct signer *s, struct ch_arena *a, const struct ch_rows *r, const char *column,
                               const char *place, struct ch_bytes *out, struct ch_fault *f)
{
    const char *sealpicture = ch_col(r, 0, "sealpicture");
    struct ch_bytes encrypted = ch_col_bytes(r, a, 0, column);

    if (ch_decrypt(s->ring, a, place, sealpicture, encrypted, out) ||
        (signer_load_ring(s) && ch_decrypt(s->ring, a, place, sealpicture, encrypted, out)))
        return CH_OK;
    return ch_fault(f, CH_E_INTERNAL, "the picture's %s does not open", column);
}

/* Decrypts the picture and checks that it is the one that was accepted, by the digest in its row. */
static enum ch_err open_picture(struct signer *s, struct ch_arena *a, const struct ch_rows *r, struct ch_bytes *out,
                                struct ch_fault *f)
{
    unsigned char sm3[CH_SM3_BYTES];
    enum ch_err e = open_column(s, a, r, "png", "sealpicture.png", out, f);

    if (e != CH_OK)
        return e;
    ch_sm3(*out, sm3);
    if (!ch_same(CH_BYTES(sm3, sizeof sm3), ch_col_bytes(r, a, 0, "png_sm3")))
        return ch_fault(f, CH_E_INTERNAL, "the picture is not the one that was accepted");
    return CH_OK;
}

static enum ch_err describe_seal(struct signer *s, struct ch_arena *a, const struct ch_rows *r, struct ch_bytes *info,
                                 struct ch_fault *f)
{
    struct ch_bytes name, picture;
    enum ch_err e = open_column(s, a, r, "name", "sealpicture.name", &name, f);

    if (e == CH_OK)
        e = open_picture(s, a, r, &picture, f);
    if (e != CH_OK)
        return e;
    if (!ch_text_clean((const char *)name.p))
        return ch_fault(f, CH_E_INVALID, "the seal's name has characters that no name may have");
    struct ch_ses seal = {
        .version = SEAL_VERSION,
        .vendor = SEAL_VENDOR,
        .id = ch_col(r, 0, "es_id"),
        .type = strcmp(ch_col(r, 0, "kind"), "unit") == 0 ? CH_SES_UNIT : CH_SES_PERSON,
        .name = (const char *)name.p, /* decrypted bytes are followed by a NUL */
        .certs = {ch_col_bytes(r, a, 0, "certificate")},
        .n_certs = 1,
        .created = ch_col_int(r, 0, "created_at"),
        .start = ch_col_int(r, 0, "valid_from"),
        .end = ch_col_int(r, 0, "valid_to"),
        .picture_type = "PNG",
        .picture = picture,
        .width = (int)ch_col_int(r, 0, "width"),
        .height = (int)ch_col_int(r, 0, "height"),
    };
    *info = ch_ses_info(a, &seal);
    return info->p != NULL ? CH_OK : ch_fault(f, CH_E_INVALID, "the order's data do not make a seal");
}

static enum ch_err record_signing(struct signer *s, struct ch_arena *a, const char *id, X509 *maker,
                                  struct ch_bytes info, struct ch_fault *f)
{
    unsigned char sm3[CH_SM3_BYTES];

    ch_sm3(info, sm3);
    return ch_db_one(s->db, a, f,
                     CH_CALL(&signer_seal_signing, ch_p_text(id), ch_p_text(MAKER_CA),
                             ch_p_text(ch_cert_serial(a, maker)), ch_p_bytes(CH_BYTES(sm3, sizeof sm3))),
                     NULL);
}

/* Signs the seal, and checks the result as its receiver would. */
static enum ch_err sign_seal(struct ch_arena *a, const struct hierarchy *h, struct ch_bytes info, struct ch_bytes *seal,
                             struct ch_fault *f)
{
    struct ch_ses made;

    if (!ch_ses_sign(a, info, h->seal, h->seal_key, CH_BYTES(NULL, 0), seal))
        return ch_fault(f, CH_E_INTERNAL, "seal: %s", ch_openssl_reason());
    enum ch_ses_verdict v = ch_ses_check(a, *seal, ch_now_ms() / 1000, &made);
    if (v != CH_SES_GOOD && v != CH_SES_EARLY && v != CH_SES_EXPIRED)
        return ch_fault(f, CH_E_INTERNAL, "the seal made is not good: %d", v);
    return CH_OK;
}

static enum ch_err make_seal(struct signer *s, struct ch_arena *a, const struct ch_rows *r, struct ch_fault *f)
{
    const struct hierarchy *h = signer_ca(s, MAKER_CA);
    const char *id = ch_col(r, 0, "seal");
    struct ch_bytes info, seal;

    if (h == NULL || h->seal == NULL || h->seal_key == NULL)
        return ch_fault(f, CH_E_UNAVAILABLE, "there is no seal maker, run certhall-signer init");
    enum ch_err e = describe_seal(s, a, r, &info, f);
    if (e == CH_OK)
        e = record_signing(s, a, id, h->seal, info, f);
    if (e == CH_OK)
        e = sign_seal(a, h, info, &seal, f);
    if (e == CH_OK)
        e = ch_db_one(s->db, a, f, CH_CALL(&signer_seal_made, ch_p_text(id), ch_p_bytes(seal)), NULL);
    return e;
}

enum ch_err seal_make(struct signer *s, struct ch_arena *a, const char *certificate, char *text, struct ch_fault *f)
{
    (void)text;
    struct ch_rows r;
    enum ch_err e = ch_db_one(s->db, a, f, CH_CALL(&signer_seal, ch_p_text(certificate)), &r);

    if (e != CH_OK)
        return e;
    if (r.n != 1)
        return ch_fault(f, CH_E_CONFLICT, "no seal is wanted for this certificate");
    return ch_col_bool(&r, 0, "made") ? CH_OK : make_seal(s, a, &r, f);
}
