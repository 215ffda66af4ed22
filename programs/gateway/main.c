/* SPDX-License-Identifier: Apache-2.0
 * The main program of certhall-gateway: list | check [NAME [ADDRESS]] | close NAME. */
#include "programs/gateway/gateway.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/version.h"
#include "core/gateway/payway.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNUSED_NUMBER "CHCHECK0000000000000000" /* no payment has this number */

static int print_usage(FILE *to)
{
    fputs("usage: certhall-gateway list                    how the outside services do\n"
          "       certhall-gateway check                   tries every service that is set up\n"
          "       certhall-gateway check NAME [ADDRESS]    tries one (mail wants an address to write to)\n"
          "       certhall-gateway close NAME              a service that was left alone is called again at once\n",
          to);
    return to == stdout ? 0 : 2;
}

static const char *circuit_words(const struct ch_vendor_state *s)
{
    static const char *const words[] = {
        [CH_CIRCUIT_CLOSED] = "in use", [CH_CIRCUIT_OPEN] = "left alone", [CH_CIRCUIT_TRYING] = "being tried"};
    return s->good == 0 && s->bad == 0 ? "not called yet" : words[s->circuit];
}

static int list_services(struct ch_arena *a)
{
    printf("%-10s %-15s %7s %7s  %-25s %s\n", "service", "state", "good", "bad", "last failure", "what it was");
    for (int v = 0; v < CH_V__COUNT; v++) {
        struct ch_vendor_state s;
        ch_vendor_state((enum ch_vendor)v, &s);
        printf("%-10s %-15s %7lld %7lld  %-25s %s\n", ch_vendor_row((enum ch_vendor)v)->word, circuit_words(&s),
               (long long)s.good, (long long)s.bad, s.last_bad > 0 ? ch_rfc3339(a, s.last_bad / 1000) : "", s.why);
    }
    return 0;
}

/* True when `code` is one of the words. */
static bool has_word(const char *words, const char *code)
{
    size_t n = strlen(code);

    for (const char *p = words; n > 0 && (p = strstr(p, code)) != NULL; p += n)
        if ((p == words || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
            return true;
    return false;
}

static const struct ch_pay_way *pay_way_of(enum ch_vendor v)
{
    for (const struct ch_pay_way *const *w = ch_pay_ways; *w != NULL; w++)
        if ((*w)->vendor == v)
            return *w;
    return NULL;
}

/* Tries a service; true when it is right. */
static bool check_service(struct ch_arena *a, enum ch_vendor v, const char *argument)
{
    const struct gateway_row *row = &gateway_rows[v];
    const struct ch_pay_way *way = pay_way_of(v);
    struct ch_pay_state state;
    const struct ch_vendor_row *vendor = ch_vendor_row(v);
    struct ch_answer answer = {CH_UNKNOWN, "", "", ""};
    struct ch_fault f = {0};

    printf("%s: %s (%s)\n", vendor->word, way != NULL ? "asks for a payment that does not exist" : row->does,
           ch_conf(vendor->url));
    ch_vendor_close(v); /* so that the service is called even if its circuit breaker is open */
    enum ch_err e = way != NULL ? way->query(a, &f, UNUSED_NUMBER, &answer, &state) : row->run(a, &f, argument, &answer);
    if (e != CH_OK) {
        printf("  not set up: %s\n", f.detail);
        return false;
    }
    /* Some refusals come only after the vendor has authenticated us, so they show as well that everything is right. */
    if (answer.outcome == CH_ACCEPTED || (answer.outcome == CH_REFUSED && way == NULL && has_word(row->good, answer.code))) {
        printf("  right: it answers, and knows us\n");
        return true;
    }
    printf("  wrong: %s: %s\n", answer.code, answer.message);
    const char *words = gateway_advice(v, &answer);
    if (words != NULL)
        printf("  %s\n", words);
    if (*answer.request_id != '\0')
        printf("  for talks with the vendor: request %s\n", answer.request_id);
    return false;
}

/* Tries every service that has an address, except for mail, which needs a recipient. */
static int check_all(struct ch_arena *a)
{
    bool right = true;

    for (int v = 0; v < CH_V__COUNT; v++) {
        if (*ch_conf(ch_vendor_row((enum ch_vendor)v)->url) == '\0' || v == CH_V_MAIL)
            printf("%s: not tried\n", ch_vendor_row((enum ch_vendor)v)->word);
        else
            right &= check_service(a, (enum ch_vendor)v, NULL);
    }
    return right ? 0 : 1;
}

static int run_command(struct ch_arena *a, int argc, char **argv)
{
    enum ch_vendor v = CH_V__COUNT;

    if (argc == 2 && strcmp(argv[1], "list") == 0)
        return list_services(a);
    if (argc == 2 && strcmp(argv[1], "check") == 0)
        return check_all(a);
    if (argc < 3 || argc > 4 || !ch_vendor_find(argv[2], &v))
        return print_usage(stderr);
    if (strcmp(argv[1], "check") == 0)
        return check_service(a, v, argc == 4 ? argv[3] : NULL) ? 0 : 1;
    if (strcmp(argv[1], "close") != 0)
        return print_usage(stderr);
    ch_vendor_close(v);
    return 0;
}

/* If root runs the program, it continues as the owner of the tokens' folder, which is the runner, because the runner must be
 * able to use the files that a check leaves there. */
static bool become_runner(void)
{
    struct stat st;

    if (geteuid() != 0 || stat(ch_conf(CONF_TOKENS), &st) != 0 || st.st_uid == 0)
        return true;
    const struct passwd *user = getpwuid(st.st_uid);
    return user != NULL && initgroups(user->pw_name, user->pw_gid) == 0 && setgid(user->pw_gid) == 0 &&
           setuid(user->pw_uid) == 0;
}

int main(int argc, char **argv)
{
    if (ch_version_asked(argc, argv))
        return 0;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return print_usage(stdout);
    ch_log_program("gateway");
    if (!ch_config_load())
        return 1;
    if (!become_runner()) {
        fputs("certhall-gateway: cannot go on as the user of the runner\n", stderr);
        return 1;
    }
    struct ch_arena *a = ch_arena_new();
    int status = run_command(a, argc, argv);
    ch_arena_free(a);
    return status;
}
