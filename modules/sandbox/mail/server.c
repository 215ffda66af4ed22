/* SPDX-License-Identifier: Apache-2.0
 * One connection of the mail server, over a socket and TLS. */
#include "modules/sandbox/mail/server.h"

#include "core/base/log.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define SILENCE_SECONDS 20

struct wire {
    int fd;
    SSL *ssl; /* NULL until TLS is up */
};

SSL_CTX *mail_server_tls(EVP_PKEY *key, X509 *certificate)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    if (ctx != NULL && SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
        SSL_CTX_use_certificate(ctx, certificate) == 1 && SSL_CTX_use_PrivateKey(ctx, key) == 1 &&
        SSL_CTX_check_private_key(ctx) == 1)
        return ctx;
    ch_log(CH_ERROR, NULL, "mail server: its key and certificate cannot be used");
    SSL_CTX_free(ctx);
    return NULL;
}

static bool send_all(const struct wire *w, const char *p, size_t n)
{
    while (n > 0) {
        int k = w->ssl != NULL ? SSL_write(w->ssl, p, (int)n) : (int)send(w->fd, p, n, MSG_NOSIGNAL);
        if (k <= 0)
            return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

static void converse(struct wire *w, SSL_CTX *tls, struct ch_arena *a, const struct mail_host *host)
{
    struct mail_dialogue *d = CH_NEW(a, struct mail_dialogue);
    enum mail_then then = MAIL_GO_ON;
    unsigned char in[16384];
    struct ch_buf out;

    ch_buf_init(&out, a);
    mail_dialogue_begin(d, a, host, &out);
    while (send_all(w, out.p, out.n) && then != MAIL_CLOSE) {
        if (then == MAIL_START_TLS) {
            w->ssl = SSL_new(tls);
            if (w->ssl == NULL || SSL_set_fd(w->ssl, w->fd) != 1 || SSL_accept(w->ssl) != 1)
                return;
            mail_dialogue_secured(d);
        }
        int n = w->ssl != NULL ? SSL_read(w->ssl, in, sizeof in) : (int)recv(w->fd, in, sizeof in, 0);
        if (n <= 0)
            return;
        out.n = 0;
        then = mail_dialogue_feed(d, CH_BYTES(in, (size_t)n), &out);
    }
}

void mail_server_talk(int fd, SSL_CTX *tls, const struct mail_host *host)
{
    const struct timeval wait = {SILENCE_SECONDS, 0};
    struct ch_arena *a = ch_arena_new();
    struct wire w = {.fd = fd};

    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) == 0)
        converse(&w, tls, a, host);
    if (w.ssl != NULL)
        SSL_shutdown(w.ssl);
    SSL_free(w.ssl);
    close(fd);
    ch_arena_free(a);
}
