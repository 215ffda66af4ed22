/* SPDX-License-Identifier: Apache-2.0
 * certhall-signer: the one program that holds the authority's keys. print_usage lists what it does. */
#include "core/base/config.h"
#include "core/base/harden.h"
#include "core/base/log.h"
#include "core/base/version.h"
#include "core/crypto/pin.h"
#include "core/pki/algorithm.h"
#include "programs/signer/ceremony.h"
#include "programs/signer/decision.h"
#include "programs/signer/import.h"
#include "programs/signer/operations.h"
#include "programs/signer/pins.h"
#include "programs/signer/server.h"

#include <openssl/pem.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_MS 2000 /* how long a caller may take to send its request */

static const char *const algorithms[] = {"sm2", "rsa", "p256"};
static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

/* Unix sockets are the only ones that this process can make from here on, so an attacker who got into it cannot send the keys
 * anywhere. */
static bool keep_to_ourselves(void)
{
    bool hsm = *ch_conf(CONF_PKCS11_MODULE) != '\0';
    return ch_harden(CH_NEEDS_DAEMON | (hsm ? CH_NEEDS_DEVICE : 0u));
}

/* The two signals are only delivered while server_run waits, so that they never interrupt a request. */
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

/* Logs subject and cause of a failure. The caller only gets the error's machine word. */
static enum ch_ca_status report_outcome(const struct request *r, enum ch_err e, const struct ch_fault *f, char *text)
{
    const char *word = ch_ca_row(r->op)->word;

    if (e == CH_OK) {
        if (r->op != CH_CA_PING)
            ch_log(CH_INFO, r->subject, "%s done", word);
        return CH_CA_DONE;
    }
    /* A refusal of the database has a sentence, every other failure has a detail. */
    ch_log(status_of(e) == CH_CA_REFUSED ? CH_WARN : CH_ERROR, r->subject, "%s: %s", word,
           f->detail[0] != '\0' ? f->detail : f->sentence);
    snprintf(text, SERVER_TEXT, "%s", ch_err_row(e)->word);
    return status_of(e);
}

static enum ch_ca_status handle_request(void *context, const struct request *r, char *text)
{
    operation *perform = operation_find(r->op);
    struct ch_fault f = {0};

    if (perform == NULL)
        return CH_CA_MALFORMED;
    signer_follow_keys(context);
    struct ch_arena *a = ch_arena_new();
    enum ch_err e = perform(context, a, r->subject, text, &f);
    ch_arena_free(a); /* wipes PIN and form */
    return report_outcome(r, e, &f, text);
}

static int run_server(void)
{
    const char *path = ch_conf(CONF_SIGNER);
    struct peers peers;
    struct signer signer;
    sigset_t waiting;

    if (!keep_to_ourselves() || !peers_parse(ch_conf(CONF_SIGNER_PEERS), &peers) || !signer_open(&signer))
        return 1;
    catch_signals(&waiting);
    int listener = server_listen(path);
    if (listener >= 0) {
        ch_log(CH_INFO, NULL, "signer ready, %s", signer.ca[0].algorithm);
        server_run(listener, &peers, PATIENCE_MS, handle_request, &signer, &stop, &waiting);
        unlink(path);
        close(listener);
    }
    signer_close(&signer);
    return listener >= 0 ? 0 : 1;
}

static bool make_hierarchy(const char *algorithm, const struct ch_profiles *profiles)
{
    const struct authority who = signer_authority(profiles);
    struct ch_fault f = {0};

    if (hierarchy_make(ch_conf(CONF_SIGNER_KEYS), algorithm, &who, &f) == CH_OK)
        return true;
    ch_log(CH_ERROR, NULL, "%s", f.detail);
    return false;
}

/* True for the algorithms that `init` handles when none is named: SM2, RSA, the one of setting ca_algorithm, and those that
 * already have a hierarchy. */
static bool is_default(const char *algorithm)
{
    return strcmp(algorithm, "p256") != 0 || strcmp(algorithm, ch_conf(CONF_CA_ALGORITHM)) == 0 ||
           hierarchy_there(ch_conf(CONF_SIGNER_KEYS), algorithm);
}

static bool make_hierarchies(int n, char **names, const struct ch_profiles *profiles)
{
    bool ok = true;

    for (int i = 0; ok && i < n; i++)
        ok = make_hierarchy(names[i], profiles);
    for (size_t i = 0; ok && n == 0 && i < CH_COUNT(algorithms); i++)
        ok = !is_default(algorithms[i]) || make_hierarchy(algorithms[i], profiles);
    return ok;
}

static int run_init(int n, char **names)
{
    struct ch_profiles *profiles;

    for (int i = 0; i < n; i++)
        if (!ch_alg_known(names[i]))
            return 2;
    mkdir(ch_conf(CONF_SIGNER_KEYS), 0700); /* it may exist; if it cannot be made, the steps below fail */
    if (!keep_to_ourselves() || (ch_pin_kek(ch_conf(CONF_PIN_KEY)) == 0 && ch_pin_kek_make(ch_conf(CONF_PIN_KEY)) == 0) ||
        (profiles = signer_profiles()) == NULL)
        return 1;
    bool ok = make_hierarchies(n, names, profiles);
    ch_profiles_free(profiles);
    return ok ? 0 : 1;
}

/* import ROOT CA KEY [PASSPHRASE-FILE]: imports an existing authority, and makes what its hierarchy lacks. */
static int run_import(int n, char **arguments)
{
    struct ch_profiles *profiles;
    struct ch_fault f = {0};
    const char *algorithm;

    if (n < 3 || n > 4)
        return 2;
    mkdir(ch_conf(CONF_SIGNER_KEYS), 0700);
    if (!keep_to_ourselves() || (profiles = signer_profiles()) == NULL)
        return 1;
    const struct import_files files = {arguments[0], arguments[1], arguments[2], n > 3 ? arguments[3] : NULL};
    bool ok = hierarchy_import(ch_conf(CONF_SIGNER_KEYS), &files, &algorithm, &f) == CH_OK;
    if (!ok)
        ch_log(CH_ERROR, NULL, "import: %s", f.detail);
    ok = ok && make_hierarchy(algorithm, profiles);
    ch_profiles_free(profiles);
    return ok ? 0 : 1;
}

/* ceremony ALGORITHM [ROLE=URI…] */
static int run_ceremony(int n, char **arguments)
{
    struct ch_profiles *profiles;
    struct ch_fault f = {0};

    if (n < 1 || !ch_alg_known(arguments[0]))
        return 2;
    mkdir(ch_conf(CONF_SIGNER_KEYS), 0700);
    if (!keep_to_ourselves() || (profiles = signer_profiles()) == NULL)
        return 1;
    const struct authority who = signer_authority(profiles);
    const struct ceremony_order order = {.dir = ch_conf(CONF_SIGNER_KEYS),
                                         .algorithm = arguments[0],
                                         .keys = (const char *const *)(arguments + 1),
                                         .who = &who};
    enum ch_err e = ceremony_hold(&order, stdin, stdout, &f);
    if (e != CH_OK)
        ch_log(CH_ERROR, NULL, "%s", f.detail);
    ch_profiles_free(profiles);
    return e == CH_OK ? 0 : 1;
}

static bool print_certificate(const char *file)
{
    X509 *cert = hierarchy_certificate(ch_conf(CONF_SIGNER_KEYS), file);
    bool ok = cert != NULL && PEM_write_X509(stdout, cert) == 1;

    if (!ok)
        ch_log(CH_ERROR, NULL, "cannot read %s", file);
    X509_free(cert);
    return ok;
}

static bool print_hierarchy(const char *algorithm)
{
    static const char *const roles[] = {"root", "ca", "ocsp", "seal", "evidence"};
    char file[32];
    bool ok = true;

    for (size_t i = 0; i < CH_COUNT(roles); i++) {
        snprintf(file, sizeof file, "%s-%s.cer", roles[i], algorithm);
        ok = print_certificate(file) && ok;
    }
    return ok;
}

static int run_certificates(int n, char **unused)
{
    bool ok = n == 0;

    (void)unused;
    for (size_t i = 0; i < CH_COUNT(algorithms); i++)
        if (hierarchy_there(ch_conf(CONF_SIGNER_KEYS), algorithms[i]))
            ok = print_hierarchy(algorithms[i]) && ok;
    return ok && fflush(stdout) == 0 ? 0 : 1;
}

static int run_pin_key(int n, char **unused)
{
    (void)unused;
    return n > 0 ? 2 : keep_to_ourselves() && pins_next_key() ? 0 : 1;
}

/* roster: the first roster, at the key ceremony. */
static int run_roster(int n, char **unused)
{
    (void)unused;
    return n > 0 ? 2 : keep_to_ourselves() && decision_anchor(ch_conf(CONF_SIGNER_KEYS), stdin) ? 0 : 1;
}

static const struct {
    const char *word;
    int (*run)(int n, char **arguments); /* returns the exit status; 2 for wrong arguments */
} commands[] = {
    {"init", run_init},     {"import", run_import},   {"ceremony", run_ceremony},
    {"roster", run_roster}, {"pin-key", run_pin_key}, {"certificates", run_certificates},
};

static int run_command(int n, char **arguments)
{
    for (size_t i = 0; i < CH_COUNT(commands); i++)
        if (strcmp(arguments[0], commands[i].word) == 0)
            return commands[i].run(n - 1, arguments + 1);
    return 2;
}

static int print_usage(FILE *to)
{
    fputs("usage: certhall-signer                                        serves on the Unix socket of setting signer\n"
          "       certhall-signer init [ALGORITHM...]                    makes the keys and certificates that are missing\n"
          "       certhall-signer ceremony ALGORITHM [ROLE=URI...]       the same with witnesses and a written record\n"
          "       certhall-signer import ROOT CA KEY [PASSPHRASE-FILE]   takes in an authority that exists already\n"
          "       certhall-signer roster                                 takes in the first roster of keys that decide, from stdin\n"
          "       certhall-signer pin-key                                makes the next key-encryption key of PINs\n"
          "       certhall-signer certificates                           prints the authority's certificates (PEM)\n",
          to);
    return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
    if (ch_version_asked(argc, argv))
        return 0;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return print_usage(stdout);
    if (argc > 1 && strcmp(argv[1], "--statements") == 0)
        return ch_db_print(signer_lists);
    if (argc > 1 && strcmp(argv[1], "--groups") == 0) {
        ch_ring_print_groups(SIGNER_KEYS);
        return 0;
    }
    ch_log_program("signer");
    if (!ch_config_load())
        return 1;
    if (!ch_alg_known(ch_conf(CONF_CA_ALGORITHM))) {
        ch_log(CH_ERROR, NULL, "ca_algorithm: sm2, rsa or p256");
        return 1;
    }
    int status = argc == 1 ? run_server() : run_command(argc - 1, argv + 1);
    return status == 2 ? print_usage(stderr) : status;
}
