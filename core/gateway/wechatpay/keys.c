/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay's keys by serial number, with a cache of its platform certificates. */
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

/* `lock` protects the list and is held only briefly. `fetching` is held while WeChat is being asked, so that one thread asks
 * at a time; a thread that has no key waits for it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, fetching = PTHREAD_MUTEX_INITIALIZER;
static struct ch_wechatpay_certificates list;
static int64_t fetched, tried; /* ch_tick_ms; 0: never */

static void free_key(void *key)
{
    EVP_PKEY_free(key);
}

/* Finds a certificate in the list. The key stays valid until the arena's reset, even if the list is replaced meanwhile. */
static bool find_certificate(struct ch_arena *a, const char *serial, struct ch_wechatpay_certificate *out, bool *stale)
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

/* Asks WeChat for its certificates. Returns NULL, or why that failed. The answer may be signed with a configured key or with
 * one of the certificates that it carries: that these could be decrypted with the APIv3 key proves their origin. */
static const char *fetch_certificates(struct ch_arena *a, struct ch_wechatpay_certificates *got)
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
        return "the answer cannot be decrypted with the APIv3 key";
    const char *serial = ch__wechatpay_serial_of(a, &res);
    EVP_PKEY *key = ch_keys_public_of(CONF_WECHATPAY_PUBKEYS, serial);
    if (key == NULL && *serial != '\0') {
        const struct ch_wechatpay_certificate *c = ch_wechatpay_certificate_of(got, serial, ch_now_ms() / 1000);
        key = c != NULL ? c->key : NULL;
    }
    if (key != NULL && ch__wechatpay_genuine(a, key, &res))
        return NULL;
    ch_wechatpay_certificates_free(got);
    return "the signature of the answer is not WeChat's";
}

static void replace_list(const struct ch_wechatpay_certificates *got)
{
    struct ch_wechatpay_certificates old;

    pthread_mutex_lock(&lock);
    old = list;
    list = *got;
    fetched = ch_tick_ms();
    pthread_mutex_unlock(&lock);
    ch_wechatpay_certificates_free(&old);
}

/* A caller that has a key already (`wait` is false) does not wait for another thread's fetch. */
static void refresh_list(struct ch_arena *a, bool wait)
{
    struct ch_wechatpay_certificates got;

    if (wait)
        pthread_mutex_lock(&fetching);
    else if (pthread_mutex_trylock(&fetching) != 0)
        return;
    if (tried == 0 || ch_tick_ms() - tried >= BETWEEN_MS) {
        tried = ch_tick_ms();
        const char *why = fetch_certificates(a, &got);
        if (why == NULL)
            replace_list(&got);
        else
            ch_log(CH_WARN, NULL, "wechatpay: platform certificates not fetched: %s", why);
    }
    pthread_mutex_unlock(&fetching);
}

/* The certificate of a serial, or the newest one for the serial "". */
static bool get_certificate(struct ch_arena *a, const char *serial, struct ch_wechatpay_certificate *out)
{
    bool stale;

    if (!ch_conf_bool(CONF_WECHATPAY_CERTS))
        return false;
    bool found = find_certificate(a, serial, out, &stale);
    if (found && !stale)
        return true;
    refresh_list(a, !found);
    return found || find_certificate(a, serial, out, &stale);
}

EVP_PKEY *ch__wechatpay_key(struct ch_arena *a, const char *serial)
{
    EVP_PKEY *key = ch_keys_public_of(CONF_WECHATPAY_PUBKEYS, serial);
    struct ch_wechatpay_certificate c;

    if (key != NULL)
        return key;
    size_t n = strlen(serial);
    /* Strangers must not be able to make us ask WeChat for certificates by sending any text as a serial. */
    if (n < 8 || n >= sizeof list.at[0].serial || strspn(serial, "0123456789ABCDEF") != n)
        return NULL;
    return get_certificate(a, serial, &c) ? c.key : NULL;
}

const char *ch__wechatpay_own_serial(struct ch_arena *a)
{
    const char *configured = ch_keys_first_serial(CONF_WECHATPAY_PUBKEYS);
    struct ch_wechatpay_certificate c;

    if (*configured != '\0')
        return configured;
    return get_certificate(a, "", &c) ? ch_strdup(a, c.serial) : "";
}
