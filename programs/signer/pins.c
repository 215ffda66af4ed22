/* SPDX-License-Identifier: Apache-2.0
 * PINs, and the PUKs that are made with them: making, opening for the signer itself or for a producer's page, and rewrapping all with
 * the next key. */
#include "programs/signer/pins.h"

#include "core/base/config.h"
#include "core/base/log.h"
#include "core/crypto/box.h"
#include "core/crypto/pin.h"
#include "programs/signer/operations.h"

#include <stdio.h>
#include <string.h>

/* The encrypted PIN in a row with the columns kek, key and encrypted. */
static struct ch_pin read_pin(const struct ch_rows *r, struct ch_arena *a, int row)
{
    return (struct ch_pin){.encrypted = ch_col_bytes(r, a, row, "encrypted"),
                           .key = ch_col_bytes(r, a, row, "key"),
                           .kek = (uint32_t)ch_col_int(r, row, "kek")};
}

/* A PUK's cipher text is bound to the row of the PUK in the place of an order, and to no generation. */
#define PUK_GENERATION 0

/* Makes the PUKs that the order's tokens still lack. */
static enum ch_err make_puks(struct signer *s, struct ch_arena *a, const char *order_id, int64_t generation,
                             struct ch_fault *f)
{
    struct ch_rows r;
    struct ch_pin puk;
    enum ch_err e = ch_db_one(s->db, a, f, CH_CALL(&signer_puks_wanted, ch_p_text(order_id), ch_p_int(a, generation)), &r);

    for (int i = 0; e == CH_OK && i < r.n; i++) {
        const char *id = ch_col(&r, i, "id");
        if (!ch_pin_encrypt(a, ch_conf(CONF_PIN_KEY), id, PUK_GENERATION, ch_pin_make(a, false), &puk))
            return ch_fault(f, CH_E_INTERNAL, "no key for PUKs");
        e = ch_db_one(
            s->db, a, f,
            CH_CALL(&signer_puk, ch_p_text(id), ch_p_int(a, puk.kek), ch_p_bytes(puk.key), ch_p_bytes(puk.encrypted)),
            NULL);
    }
    return e;
}

enum ch_err pin_make(struct signer *s, struct ch_arena *a, const char *order_id, char *text, struct ch_fault *f)
{
    (void)text;
    struct ch_rows r;
    struct ch_pin pin;
    enum ch_err e = ch_db_one(s->db, a, f, CH_CALL(&signer_pin_wanted, ch_p_text(order_id)), &r);

    if (e != CH_OK)
        return e;
    if (r.n == 0)
        return ch_fault(f, CH_E_CONFLICT, "no PIN is wanted");
    if (!ch_col_bool(&r, 0, "wanted"))
        return CH_OK; /* a repeated request, because the first reply was lost */
    int64_t generation = ch_col_int(&r, 0, "generation");
    e = make_puks(s, a, order_id, generation, f); /* first: a PIN that is made says that all is there */
    if (e != CH_OK)
        return e;
    if (!ch_pin_encrypt(a, ch_conf(CONF_PIN_KEY), order_id, generation, ch_pin_make(a, ch_col_bool(&r, 0, "token")), &pin))
        return ch_fault(f, CH_E_INTERNAL, "no key for PINs");
    return ch_db_one(s->db, a, f,
                     CH_CALL(&signer_pin, ch_p_text(order_id), ch_p_int(a, generation), ch_p_int(a, pin.kek),
                             ch_p_bytes(pin.key), ch_p_bytes(pin.encrypted)),
                     NULL);
}

enum ch_err pin_open(struct signer *s, struct ch_arena *a, const char *order_id, const char *purpose, const char **pin,
                     struct ch_fault *f)
{
    struct ch_rows r;
    enum ch_err e = ch_db_one(s->db, a, f, CH_CALL(&signer_pin_open, ch_p_text(order_id), ch_p_text(purpose)), &r);

    if (e != CH_OK)
        return e;
    if (r.n == 0) /* it is being made: CH_E_CONFLICT would end the job */
        return ch_fault(f, CH_E_UNAVAILABLE, "the PIN is not made yet");
    const struct ch_pin encrypted = read_pin(&r, a, 0);
    *pin = ch_pin_decrypt(a, ch_conf(CONF_PIN_KEY), order_id, ch_col_int(&r, 0, "generation"), &encrypted);
    return *pin != NULL ? CH_OK : ch_fault(f, CH_E_INTERNAL, "the PIN does not open");
}

/* ---- the next key-encryption key ---- */

#define BATCH 100

static enum ch_err rewrap_pin(struct signer *s, struct ch_arena *a, const struct ch_rows *r, int row, struct ch_fault *f)
{
    const char *order = ch_col(r, row, "order_id");
    int64_t generation = ch_col_int(r, row, "generation");
    const struct ch_pin old = read_pin(r, a, row);
    struct ch_pin fresh;

    if (!ch_pin_rewrap(a, ch_conf(CONF_PIN_KEY), order, generation, &old, &fresh))
        return ch_fault(f, CH_E_INTERNAL, "the PIN or PUK of %s does not open", order);
    return ch_db_one(s->db, a, f,
                     CH_CALL(&signer_pin_rewrapped, ch_p_text(order), ch_p_int(a, generation), ch_p_int(a, fresh.kek),
                             ch_p_bytes(fresh.key), ch_p_bytes(fresh.encrypted)),
                     NULL);
}

enum ch_err pin_rekey(struct signer *s, struct ch_arena *a, const char *subject, char *text, struct ch_fault *f)
{
    (void)subject, (void)text;
    uint32_t newest = ch_pin_kek(ch_conf(CONF_PIN_KEY));
    struct ch_rows r;
    enum ch_err e = ch_db_one(s->db, a, f, CH_CALL(&signer_pins_old, ch_p_int(a, newest), ch_p_int(a, BATCH)), &r);
    int failed = 0;

    if (e != CH_OK)
        return e;
    if (r.n == 0)
        return ch_fault(f, CH_E_CONFLICT, "no PIN is under an older key");
    for (int i = 0; i < r.n && e != CH_E_UNAVAILABLE; i++) /* one that cannot be opened does not block the others */
        failed += (e = rewrap_pin(s, a, &r, i, f)) != CH_OK;
    return failed < r.n ? CH_OK : e;
}

bool pins_next_key(void)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_db *db = ch_db_open(ch_conf(CONF_DB), "certhall_signer", signer_lists); /* first, so that no key is made in vain */
    uint32_t made = db != NULL ? ch_pin_kek_make(ch_conf(CONF_PIN_KEY)) : 0;
    struct ch_fault f = {0};
    bool ok = made > 0 && ch_db_one(db, a, &f, CH_CALL(&signer_rekey, ch_p_int(a, made)), NULL) == CH_OK;

    if (made > 0 && !ok)
        ch_log(CH_ERROR, NULL, "key %u is made, but the PINs are not put under it: %s", made, f.detail);
    ch_db_close(db);
    ch_arena_free(a);
    return ok;
}

/* ---- what a producer sets on the tokens, for that producer's page ---- */

#define SECRETS_PER_BOX 100 /* tokens of an order, and the PIN */
#define SECRET_MAX 64       /* with its names in the text */

/* Opens the PUKs; `text` gets them as members of a JSON list, each with its item. They are digits and letters alone. */
static enum ch_err put_puks(struct signer *s, struct ch_arena *a, const char *box_id, char *text, size_t size,
                            struct ch_fault *f)
{
    struct ch_rows r;
    size_t n = 0;
    enum ch_err e = ch_db_one(s->db, a, f, CH_CALL(&signer_puks_open, ch_p_text(box_id)), &r);

    for (int i = 0; e == CH_OK && i < r.n; i++) {
        const struct ch_pin encrypted = read_pin(&r, a, i);
        const char *puk = ch_pin_decrypt(a, ch_conf(CONF_PIN_KEY), ch_col(&r, i, "id"), PUK_GENERATION, &encrypted);
        if (puk == NULL || size - n < SECRET_MAX)
            return ch_fault(f, CH_E_INTERNAL, "a PUK does not open");
        n += (size_t)snprintf(text + n, size - n, "%s{\"item\":%lld,\"puk\":\"%s\"}", i > 0 ? "," : "",
                              (long long)ch_col_int(&r, i, "item"), puk);
    }
    return e;
}

enum ch_err pin_box(struct signer *s, struct ch_arena *a, const char *box_id, char *text, struct ch_fault *f)
{
    (void)text;
    const size_t size = (size_t)SECRETS_PER_BOX * SECRET_MAX;
    char *puks = ch_alloc_secret(a, size), *all = ch_alloc_secret(a, size + SECRET_MAX);
    const char *pin = NULL;
    struct ch_rows r;
    struct ch_bytes box;
    enum ch_err e = ch_db_one(s->db, a, f, CH_CALL(&signer_pin_box, ch_p_text(box_id)), &r);

    if (e != CH_OK)
        return e;
    if (r.n == 0)
        return ch_fault(f, CH_E_CONFLICT, "nobody waits for this PIN");
    if (ch_col_bool(&r, 0, "pin"))
        e = pin_open(s, a, ch_col(&r, 0, "order_id"), "production", &pin, f);
    if (e == CH_OK)
        e = put_puks(s, a, box_id, puks, size, f);
    if (e != CH_OK)
        return e;
    int n = pin != NULL ? snprintf(all, size + SECRET_MAX, "{\"pin\":\"%s\",\"puks\":[%s]}", pin, puks)
                        : snprintf(all, size + SECRET_MAX, "{\"pin\":null,\"puks\":[%s]}", puks);
    if (!ch_box_encrypt(a, ch_col_bytes(&r, a, 0, "public_key"), ch_printf(a, "certhall pin|%s", box_id),
                        CH_BYTES(all, (size_t)n), &box))
        return ch_fault(f, CH_E_CONFLICT, "the page's key is no point of P-256");
    return ch_db_one(s->db, a, f, CH_CALL(&signer_pin_boxed, ch_p_text(box_id), ch_p_bytes(box)), NULL);
}
