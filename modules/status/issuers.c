/* SPDX-License-Identifier: Apache-2.0
 * The CAs whose certificates have a status here, cached in the process with the hashes that identify them in OCSP requests. */
#include "modules/status/status.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/pki/certificate.h"

#include <pthread.h>
#include <string.h>

#define ISSUERS_MAX 64
#define READ_AGAIN_MS 10000 /* so that requests about unknown CAs do not cause a query each time */

static struct known {
    char ca[CH_CA_NAME_MAX + 1];
    struct ch_ocsp_issuer hashes;
} known[ISSUERS_MAX];
static size_t n_known;
static int64_t read_at; /* when the CAs were read, by ch_tick_ms; 0: never */
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

/* The caller holds the lock. */
static const char *find_issuer(struct ch_req *r, const struct ch_ocsp_id *id)
{
    for (size_t i = 0; i < n_known; i++)
        if (ch_ocsp_is_of(id, &known[i].hashes))
            return ch_strdup(r->a, known[i].ca);
    return NULL;
}

/* Reads the CAs anew, unless that was done a moment ago. The caller holds the lock for writing. */
static enum ch_err reload_issuers(struct ch_req *r)
{
    struct ch_rows rows;
    int64_t now = ch_tick_ms();

    if (read_at != 0 && now - read_at < READ_AGAIN_MS)
        return CH_OK;
    enum ch_err e = ch_peek(r, CH_CALL0(&status_issuers), &rows);
    if (e != CH_OK)
        return e;
    read_at = now;
    n_known = 0;
    for (int i = 0; i < rows.n; i++) {
        const char *ca = ch_col(&rows, i, "ca");
        X509 *cert = ch_cert_read(ch_col_bytes(&rows, r->a, i, "certificate"));

        if (cert == NULL || n_known == ISSUERS_MAX || strlen(ca) > CH_CA_NAME_MAX) {
            ch_log(CH_ERROR, r->id, "the certificate of %s is left out", ca);
        } else {
            memcpy(known[n_known].ca, ca, strlen(ca) + 1);
            ch_ocsp_issuer(cert, &known[n_known++].hashes);
        }
        X509_free(cert);
    }
    return CH_OK;
}

enum ch_err status_issuer(struct ch_req *r, const struct ch_ocsp_id *id, const char **ca)
{
    enum ch_err e = CH_OK;

    pthread_rwlock_rdlock(&lock);
    *ca = find_issuer(r, id);
    pthread_rwlock_unlock(&lock);
    if (*ca != NULL)
        return CH_OK;
    pthread_rwlock_wrlock(&lock);
    e = reload_issuers(r);
    *ca = find_issuer(r, id);
    pthread_rwlock_unlock(&lock);
    return e;
}
