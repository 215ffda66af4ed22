/* SPDX-License-Identifier: Apache-2.0 */
#include "core/gateway/wechatpay/keys.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/gateway/keys.h"
#include "core/gateway/wechatpay/certificates.h"
#include "core/gateway/wechatpay/send.h"

#include <pthread.h>
#include <string.h>

#define FRESH_MS (12 * 3600 * 1000LL)
#define BETWEEN_MS (60 * 1000LL)

/* `lock` is held for looking alone. `fetching` is held while WeChat is asked, and by those who cannot go on without. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, fetching = PTHREAD_MUTEX_INITIALIZER;
static struct ch_wechatpay_certificates list;
static int64_t fetched, tried; /* ch_tick_ms; 0: never */

static void free_key(void *key)
{
    EVP_PKEY_free(key);
}

/* Looks a certificate up; what is handed out outlives a change of the list. */
static bool look_up(struct ch_arena *a, const char *serial, struct ch_wechatpay_certificate *out, bool *stale)
{
    pthread_mutex_lock(&lock);
    const struct ch_wechatpay_certificate *c = ch_wechatpay_certificate_of(&list, serial, ch_now_ms() / 1000);
    bool found = c != NULL && EVP_PKEY_up_ref(c->key) == 1;
    if (found)
        *out = *c;
    *stale = fetched == 0 || ch_tick_ms() - fetched >= FRESH_MS;
    pthread_mutex_unlock(&lock);
    if (found)
        ch_defer(a, free_key, out->key);
    return found;
}

/* Of what a setting says, or of what was just obtained: the answer that brings certificates may be signed by one. */
static EVP_PKEY *key_for_answer(const struct ch_wechatpay_certificates *got, const char *serial)
{
    EVP_PKEY *key = ch_keys_public_of(CONF_WECHATPAY_PUBKEYS, serial);
    const struct ch_wechatpay_certificate *c =
        key == NULL && *serial != '\0' ? ch_wechatpay_certificate_of(got, serial, ch_now_ms() / 1000) : NULL;

    return c != NULL ? c->key : key;
}

/* Asks WeChat; NULL when all is well, or why not. */
static const char *fetch(struct ch_arena *a, struct ch_wechatpay_certificates *got)
{
    const struct ch__wechatpay_request req = {"GET", "/v3/certificates", "", "", false};
    const char *v3key = ch_keys_secret(CONF_WECHATPAY_V3KEY);
    struct ch_http_response res;
    struct ch_fault own = {0};

    got->n = 0;
    if (v3key == NULL)
        return "no APIv3 key";
    if (ch__wechatpay_send(a, &own, &req, &res) != CH_OK)
        return ch_strdup(a, own.detail);
    if (res.status != 200)
        return ch_printf(a, "status %ld", res.status);
    if (!ch_wechatpay_certificates_read(a, res.body, v3key, ch_now_ms() / 1000, got))
        return "the answer cannot be opened with the APIv3 key";
    EVP_PKEY *key = key_for_answer(got, ch__wechatpay_serial_of(a, &res));
    if (key != NULL && ch__wechatpay_genuine(a, key, &res))
        return NULL;
    ch_wechatpay_certificates_free(got);
    return "the signature of the answer is not WeChat's";
}

static void replace(const struct ch_wechatpay_certificates *got)
{
    struct ch_wechatpay_certificates old;

    pthread_mutex_lock(&lock);
    old = list;
    list = *got;
    fetched = ch_tick_ms();
    pthread_mutex_unlock(&lock);
    ch_wechatpay_certificates_free(&old);
}

/* Whoever has a key already does not wait for somebody else's fetch. */
static void refresh(struct ch_arena *a, bool wait)
{
    struct ch_wechatpay_certificates got;

    if (wait)
        pthread_mutex_lock(&fetching);
    else if (pthread_mutex_trylock(&fetching) != 0)
        return;
    if (tried == 0 || ch_tick_ms() - tried >= BETWEEN_MS) {
        tried = ch_tick_ms();
        const char *why = fetch(a, &got);
        if (why == NULL)
            replace(&got);
        else
            ch_log(CH_WARN, NULL, "wechatpay: platform certificates not fetched: %s", why);
    }
    pthread_mutex_unlock(&fetching);
}

/* `serial` "" asks for the newest. */
static bool certificate(struct ch_arena *a, const char *serial, struct ch_wechatpay_certificate *out)
{
    bool stale;

    if (!ch_conf_bool(CONF_WECHATPAY_CERTS))
        return false;
    bool found = look_up(a, serial, out, &stale);
    if (found && !stale)
        return true;
    refresh(a, !found);
    return found || look_up(a, serial, out, &stale);
}

/* Nobody can make us ask for certificates with a serial that no certificate has. */
static bool is_certificate_serial(const char *serial)
{
    size_t n = strlen(serial);
    return n >= 8 && n < sizeof list.at[0].serial && strspn(serial, "0123456789ABCDEF") == n;
}

EVP_PKEY *ch__wechatpay_key(struct ch_arena *a, const char *serial)
{
    EVP_PKEY *key = ch_keys_public_of(CONF_WECHATPAY_PUBKEYS, serial);
    struct ch_wechatpay_certificate c;

    if (key != NULL)
        return key;
    return is_certificate_serial(serial) && certificate(a, serial, &c) ? c.key : NULL;
}

const char *ch__wechatpay_own_serial(struct ch_arena *a)
{
    const char *configured = ch_keys_first_serial(CONF_WECHATPAY_PUBKEYS);
    struct ch_wechatpay_certificate c;

    if (*configured != '\0')
        return configured;
    return certificate(a, "", &c) ? ch_strdup(a, c.serial) : "";
}
