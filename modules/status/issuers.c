/* SPDX-License-Identifier: Apache-2.0
 * The CAs whose certificates' statuses are here, kept in the process: what an OCSP request calls them by. */
#include "modules/status/status.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/pki/certificate.h"

#include <pthread.h>
#include <string.h>

#define MOST 64
#define READ_AGAIN_MS 10000 /* whoever asks about CAs that are not ours does not make us look each time */

static struct known {
    char ca[CH_CA_NAME_MAX + 1];
    struct ch_ocsp_issuer hashes;
} known[MOST];
static size_t n_known;
static int64_t read_at; /* by ch_tick_ms; 0: never */
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

/* Under the lock. */
static const char *find(struct ch_req *r, const struct ch_ocsp_id *id)
{
    for (size_t i = 0; i < n_known; i++)
        if (ch_ocsp_is_of(id, &known[i].hashes))
            return ch_strdup(r->a, known[i].ca);
    return NULL;
}

static void keep(struct ch_req *r, const struct ch_rows *rows, int row)
{
    const char *ca = ch_col(rows, row, "ca");
    X509 *cert = ch_cert_read(ch_col_bytes(rows, r->a, row, "certificate"));

    if (cert == NULL || n_known == MOST || strlen(ca) > CH_CA_NAME_MAX) {
        ch_log(CH_ERROR, r->id, "the certificate of %s is left out", ca);
    } else {
        memcpy(known[n_known].ca, ca, strlen(ca) + 1);
        ch_ocsp_issuer(cert, &known[n_known++].hashes);
    }
    X509_free(cert);
}

static enum ch_err read_again(struct ch_req *r)
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
    for (int i = 0; i < rows.n; i++)
        keep(r, &rows, i);
    return CH_OK;
}

enum ch_err status_issuer(struct ch_req *r, const struct ch_ocsp_id *id, const char **ca)
{
    enum ch_err e = CH_OK;

    pthread_rwlock_rdlock(&lock);
    *ca = find(r, id);
    pthread_rwlock_unlock(&lock);
    if (*ca != NULL)
        return CH_OK;
    pthread_rwlock_wrlock(&lock);
    e = read_again(r);
    *ca = find(r, id);
    pthread_rwlock_unlock(&lock);
    return e;
}
