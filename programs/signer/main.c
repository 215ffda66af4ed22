/* SPDX-License-Identifier: Apache-2.0
 * certhall-signer: the one program that holds the authority's keys.
 *
 *   certhall-signer                serves on the Unix socket of setting `signer`
 *   certhall-signer init           makes keys and certificates that are not there yet
 *   certhall-signer certificates   writes the authority's certificates to standard output, PEM */
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/crypto/keyfile.h"
#include "core/pki/algorithm.h"
#include "programs/signer/operations.h"
#include "programs/signer/server.h"

#include <openssl/pem.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_MS 2000

static const char *const algorithms[] = {"sm2", "rsa"};
static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

/* No core file, no debugger, no new privileges: keys stay in this process. */
static bool harden(void)
{
    const struct rlimit none = {0, 0};

    return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

/* The two signals are let in during the wait of server_run only, so that a request is never cut in two. */
static void catch_signals(sigset_t *waiting)
{
    struct sigaction sa = {.sa_handler = on_signal};
    sigset_t both;

    sigemptyset(&both);
    sigaddset(&both, SIGTERM);
    sigaddset(&both, SIGINT);
    sigprocmask(SIG_BLOCK, &both, waiting);
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGINT, &sa, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static enum ch_ca_status status_of(enum ch_err e)
{
    switch (e) {
    case CH_OK:
        return CH_CA_DONE;
    case CH_E_CONFLICT:
        return CH_CA_REFUSED;
    case CH_E_UNAVAILABLE:
        return CH_CA_UNAVAILABLE;
    default:
        return CH_CA_FAILED;
    }
}

/* The log has subject and cause; the caller gets our own machine word. */
static enum ch_ca_status report(const struct request *r, enum ch_err e, const struct ch_fault *f, char *text)
{
    const char *word = ch_ca_row(r->op)->word;

    if (e == CH_OK) {
        if (r->op != CH_CA_PING)
            ch_log(CH_INFO, r->subject, "%s done", word);
        return CH_CA_DONE;
    }
    /* A refusal of the database comes as a sentence, everything else as a detail. */
    ch_log(status_of(e) == CH_CA_REFUSED ? CH_WARN : CH_ERROR, r->subject, "%s: %s", word,
           f->detail[0] != '\0' ? f->detail : f->sentence);
    snprintf(text, SERVER_TEXT, "%s", ch_err_row(e)->word);
    return status_of(e);
}

static enum ch_ca_status handle(void *context, const struct request *r, char *text)
{
    operation *perform = operation_find(r->op);
    struct ch_fault f = {0};

    if (perform == NULL)
        return CH_CA_MALFORMED;
    struct ch_arena *a = ch_arena_new();
    enum ch_err e = perform(context, a, r->subject, text, &f);
    ch_arena_free(a); /* cleanses PIN and form */
    return report(r, e, &f, text);
}

static int serve(void)
{
    const char *path = ch_conf(CONF_SIGNER);
    struct peers peers;
    struct signer signer;
    sigset_t waiting;

    if (!harden() || !peers_parse(ch_conf(CONF_SIGNER_PEERS), &peers) || !signer_open(&signer))
        return 1;
    catch_signals(&waiting);
    int listener = server_listen(path);
    if (listener >= 0) {
        ch_log(CH_INFO, NULL, "signer ready, %s", signer.ca[0].algorithm);
        server_run(listener, &peers, PATIENCE_MS, handle, &signer, &stop, &waiting);
        unlink(path);
        close(listener);
    }
    signer_close(&signer);
    return listener >= 0 ? 0 : 1;
}

static int init(void)
{
    const char *dir = ch_conf(CONF_SIGNER_KEYS);
    struct ch_fault f = {0};

    mkdir(dir, 0700); /* one that is there is as good; one that cannot be made shows below */
    if (!harden() || !ch_keyfile_make(ch_conf(CONF_PIN_KEY), 0440))
        return 1;
    for (size_t i = 0; i < CH_COUNT(algorithms); i++) {
        if (hierarchy_make(dir, algorithms[i], ch_conf(CONF_BRAND_NAME), ch_conf(CONF_BRAND_SHORT), &f) != CH_OK) {
            ch_log(CH_ERROR, NULL, "%s", f.detail);
            return 1;
        }
    }
    return 0;
}

static bool print_certificate(const char *role, const char *algorithm)
{
    char file[32];

    snprintf(file, sizeof file, "%s-%s.cer", role, algorithm);
    X509 *cert = hierarchy_certificate(ch_conf(CONF_SIGNER_KEYS), file);
    bool ok = cert != NULL && PEM_write_X509(stdout, cert) == 1;
    if (!ok)
        ch_log(CH_ERROR, NULL, "cannot read %s", file);
    X509_free(cert);
    return ok;
}

static int certificates(void)
{
    bool ok = true;

    for (size_t i = 0; i < CH_COUNT(algorithms); i++)
        ok = print_certificate("root", algorithms[i]) && print_certificate("ca", algorithms[i]) && ok;
    return ok && fflush(stdout) == 0 ? 0 : 1;
}

static int usage(void)
{
    fputs("usage: certhall-signer [init | certificates]\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    ch_log_program("signer");
    if (argc > 2)
        return usage();
    if (!ch_config_load())
        return 1;
    if (!ch_alg_known(ch_conf(CONF_CA_ALGORITHM))) {
        ch_log(CH_ERROR, NULL, "ca_algorithm: sm2 or rsa");
        return 1;
    }
    if (argc == 1)
        return serve();
    if (strcmp(argv[1], "init") == 0)
        return init();
    return strcmp(argv[1], "certificates") == 0 ? certificates() : usage();
}
