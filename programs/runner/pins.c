/* SPDX-License-Identifier: Apache-2.0
 * PINs and PUKs: decrypting one for its recipient, destroying those that are no longer needed, and the jobs of the signer with PINs. */
#include "programs/runner/runner.h"

#include "core/base/config.h"
#include "core/base/log.h"
#include "core/crypto/pin.h"
#include "core/signer/ca.h"

#include <limits.h>

#define BATCH_PAUSE_MS 20

static struct ch_pin read_pin(const struct work *w, const struct ch_rows *r)
{
    return (struct ch_pin){.encrypted = ch_col_bytes(r, w->a, 0, "encrypted"),
                           .key = ch_col_bytes(r, w->a, 0, "key"),
                           .kek = (uint32_t)ch_col_int(r, 0, "kek")};
}

const char *decrypt_pin(struct work *w, const char *order, const char *generation, const char *purpose, const char *recipient)
{
    struct ch_rows r;

    if (!read_job(
            w, CH_CALL(&runner_pin_open, ch_p_text(order), ch_p_text(generation), ch_p_text(purpose), ch_p_text(recipient)),
            &r))
        return NULL;
    const struct ch_pin pin = read_pin(w, &r);
    return ch_pin_decrypt(w->a, ch_conf(CONF_PIN_KEY), order, ch_col_int(&r, 0, "generation"), &pin);
}

const char *decrypt_puk(struct work *w, const char *puk, const char *recipient)
{
    struct ch_rows r;

    if (!read_job(w, CH_CALL(&runner_puk_open, ch_p_text(puk), ch_p_text(recipient)), &r))
        return NULL;
    const struct ch_pin sealed = read_pin(w, &r);
    return ch_pin_decrypt(w->a, ch_conf(CONF_PIN_KEY), puk, 0, &sealed);
}

void destroy_pins(struct ch_arena *a, struct ch_db *db)
{
    if (ch_db_one(db, a, NULL, CH_CALL0(&runner_pins_destroy), NULL) != CH_OK)
        ch_log(CH_ERROR, NULL, "destroying PINs failed");
}

/* Has the signer put all PINs under its new key, batch by batch, until it answers that nothing is left to do. */
enum end job_rekey(struct work *w)
{
    enum ch_err e = ch_ca_call(w->a, &w->fault, CH_CA_REKEY, "");

    w->most = INT_MAX;
    if (e == CH_E_CONFLICT)
        return finish_job(w, NULL, 0);
    return e == CH_OK ? await_job(w, "more PINs", BATCH_PAUSE_MS) : retry_job(w, "signer");
}

enum end job_pin_box(struct work *w)
{
    enum ch_err e = ch_ca_call(w->a, &w->fault, CH_CA_BOX, w->subject);

    if (e == CH_OK || e == CH_E_CONFLICT)
        return finish_job(w, NULL, 0);
    w->most = 10; /* the producer waits for it on the page */
    return retry_job(w, "signer");
}
