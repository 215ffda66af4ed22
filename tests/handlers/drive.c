/* SPDX-License-Identifier: Apache-2.0
 * The main program of the test: each route in a process of its own, so that one that crashes is told and the others go on.
 * Speaks TAP. */
#include "tests/handlers/handlers.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/crypto/keyfile.h"
#include "core/desk/anchor.h"
#include "core/gateway/signature.h"
#include "core/web/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNS_MOST 2000 /* of one body of a route */
#define SECONDS_MOST 600
#define PARTS_MOST 3                                        /* of a reply in parts */
#define TOKEN "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" /* 32 bytes */

/* A roster with two officers, whose public keys are the curve's generator and twice that. */
#define GENERATOR "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"
#define TWICE "BHzyexiNA09-ilI4AwS1GsPAiWnid_IbNaYLSPxHZpl4B3dVENuO0EApPZrGn3Qw27p9reY86YIpngS3nSJ4c9E"
#define OFFICER(n, point) \
    "{\"person\":\"00000000-0000-7000-8000-00000000000" n "\",\"name\":\"officer" n \
    "\",\"roles\":[\"officer\"],\"credential\":\"AA" n "A\",\"point\":\"" point "\"}"
#define ROSTER \
    "{\"certhall\":\"roster\",\"version\":1,\"previous\":null,\"keys\":[" OFFICER("1", GENERATOR) "," OFFICER("2", TWICE) "]}"

static char folder[] = "/tmp/certhall-handlers-XXXXXX";
static struct ch_ring *ring;
static struct handlers_run *run;

const struct ch_ring *ch_ring(void)
{
    return ring;
}

void ch__follow_keys(const struct ch_module *m)
{
    (void)m;
}

/* --- the settings and keys of the process --- */

/* The addresses of vendors are one at which nothing listens. */
static const char *settings(struct ch_arena *a)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    for (int i = 0; i < CH_CONF__COUNT; i++)
        if (strncmp(ch_conf_row((enum ch_conf)i)->def, "http", 4) == 0)
            ch_buf_puts(&b, ch_printf(a, "%s = http://127.0.0.1:9\n", ch_conf_row((enum ch_conf)i)->key));
    ch_buf_puts(&b, ch_printf(a,
                              "scrypt_log_n = 2\nvendor_timeout_ms = 200\nvendor_state = %s\nkeys = %s\nstore = %s\n"
                              "sandbox_keys = %s\nsigner = %s/signer.sock\nroster = %s\n",
                              folder, folder, folder, folder, folder, folder));
    return b.p;
}

static bool make_roster(struct ch_arena *a)
{
    FILE *out = fopen(ch_printf(a, "%s/" CH_ANCHOR_FILE, folder), "we");
    bool ok = out != NULL && fputs(ROSTER, out) >= 0;

    return out != NULL && fclose(out) == 0 && ok;
}

static bool make_files(struct ch_arena *a)
{
    for (size_t i = 0; i < CH_KEYS_COUNT; i++)
        if (mkdir(ch_printf(a, "%s/%s", folder, ch_keys_rows[i].name), 0700) != 0 ||
            (ch_keys_rows[i].encrypts &&
             !ch_keyfile_make(ch_printf(a, "%s/%s/kek-1.key", folder, ch_keys_rows[i].name), 0400)))
            return false;
    return make_roster(a) && ch_keyfile_make(ch_printf(a, "%s/find/index.key", folder), 0400) &&
           ch_keyfile_make(ch_printf(a, "%s/session/csrf.key", folder), 0400);
}

/* Only the keys that the module declares: an encryption under another key ends the process. */
static bool make_keys(struct ch_arena *a, const struct ch_module *m)
{
    struct ch_bytes wrapped;
    uint32_t kek;

    if (!make_files(a) || (ring = ch_ring_open(folder, m->keys)) == NULL)
        return false;
    for (size_t i = 0; i < CH_KEYS_COUNT; i++) {
        const struct ch_keys_row *row = &ch_keys_rows[i];
        if (!row->encrypts || (m->keys & row->folder) == 0)
            continue;
        ch_ring_make(ring, a, row->name, 1, &kek, &wrapped);
        if (!ch_ring_add(ring, row->name, 1, kek, wrapped, true))
            return false;
    }
    return (m->keys & CH_KEYS_SESSION) == 0 || ch__session_keys();
}

static bool prepare(struct ch_arena *a, struct ch_module *m)
{
    ch_log_level(CH_ERROR + 1); /* the refusals are meant */
    run = mmap(NULL, sizeof *run, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (run == MAP_FAILED || mkdtemp(folder) == NULL || !ch_config_parse(settings(a)) || !make_keys(a, m))
        return false;
    handlers_answer_for(run);
    ch_routes_join(a, m);
    return ch_routes_check(m) && ch__pool_open(m);
}

static void remove_folder(struct ch_arena *a)
{
    if (system(ch_printf(a, "rm -rf '%s'", folder)) != 0) /* NOLINT(cert-env33-c): the name is our own */
        fprintf(stderr, "%s is left\n", folder);
}

/* --- a request --- */

static const char *csrf_token(struct ch_arena *a)
{
    struct ch_req r = {.a = a, .token = TOKEN};
    return ch_csrf(&r);
}

/* Values for variables of a path that are not ids. */
static const char *const words[] = {HANDLERS_ID, "1", "licence", "front", "done", "wechatpay", "0123456789ABCDEF"};

/* The path with a value for each variable: an id where one is required, a new slug for each run, otherwise the word. */
static const char *path_of(struct ch_arena *a, const char *pattern, const char *word)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    for (const char *p = pattern; *p != '\0'; p++) {
        if (*p != '{') {
            ch_buf_putc(&b, *p);
            continue;
        }
        const char *end = strchr(p, '}');
        bool id = memmem(p, (size_t)(end - p), ":uuid", 5) != NULL, slug = strncmp(p, "{slug}", 6) == 0;
        ch_buf_puts(&b, id ? HANDLERS_ID : slug ? ch_printf(a, "project-%d", run->runs) : word);
        p = end;
    }
    return b.p;
}

/* The headers of an allowed caller's browser or of a partner's platform, whichever the route needs. */
static const char *const *parameters(struct ch_arena *a, const struct ch_route *row, const char *word, struct ch_bytes body)
{
    const char *path = path_of(a, row->path, word), **p = ch_alloc_array(a, 16, sizeof *p),
               *hall = ch_conf(CONF_INSTALLATION);
    const char *list[] = {
        ch_printf(a, "REQUEST_METHOD=%s", row->method),
        ch_printf(a, "DOCUMENT_URI=%s", path),
        ch_printf(a, "REQUEST_URI=%s", path),
        ch_printf(a, "CONTENT_LENGTH=%zu", body.n),
        row->body != NULL ? "CONTENT_TYPE=application/json" : "CONTENT_TYPE=image/png",
        "QUERY_STRING=name=a.png&serial=0123456789ABCDEF&year=2026&item=1&by=day&from=2026-01-01&to=2026-01-31&q=bank&algorithm=sm2"
        "&project=1&projectId=1&number=202601310800000001&token=1&code=1&ticket=1&phone=13900000009&format=p12",
        ch_printf(a, "HTTP_COOKIE=ch_hall_%s=%s; ch_desk_%s=%s", hall, TOKEN, hall, TOKEN),
        "HTTP_AUTHORIZATION=Bearer " TOKEN,
        ch_printf(a, "HTTP_X_CSRF_TOKEN=%s", csrf_token(a)),
        "HTTP_USER_AGENT=Mozilla/5.0",
        "REMOTE_ADDR=192.0.2.1",
        "HTTP_HOST=127.0.0.1",
        "HTTP_SIGNATURE=s=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:",
        ch_printf(a,
                  "HTTP_SIGNATURE_INPUT=s=(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-digest\");created=%lld;"
                  "keyid=\"" HANDLERS_ID "\";nonce=\"0123456789abcdef\"",
                  (long long)ch_now_ms() / 1000),
        ch_printf(a, "HTTP_CONTENT_DIGEST=%s", ch_signature_content_digest(a, body)),
    };
    memcpy(p, list, sizeof list);
    return p;
}

/* A picture of one pixel, for routes that take raw bytes. */
static const unsigned char pixel[] = {0x89, 'P',  'N',  'G',  13,   10,  26,   10,   0,    0,    0,    13,   'I', 'H',
                                      'D',  'R',  0,    0,    0,    1,   0,    0,    0,    1,    8,    0,    0,   0,
                                      0,    0x3a, 0x7e, 0x9b, 0x55, 0,   0,    0,    10,   'I',  'D',  'A',  'T', 0x78,
                                      0x9c, 0x63, 0,    0,    0,    2,   0,    1,    0x48, 0xaf, 0xa4, 0x71, 0,   0,
                                      0,    0,    'I',  'E',  'N',  'D', 0xae, 0x42, 0x60, 0x82};

static void fill_nothing(FCGX_Stream *in)
{
    in->isClosed = 1;
}

static void wrong(const char *what)
{
    if (run->wrong[0] == '\0')
        snprintf(run->wrong, sizeof run->wrong, "%s", what);
}

/* Whether a browser can use the reply: it has one of our statuses, and JSON if it says so. */
static void check_reply(struct ch_req *r)
{
    struct ch_json *json;

    if (r->reply.status < 200 || r->reply.status > 599)
        wrong("no reply");
    /* x-ndjson is a text on each line, and none as a whole. */
    if (r->reply.mime != NULL && strstr(r->reply.mime, "json") != NULL && strstr(r->reply.mime, "ndjson") == NULL &&
        ch_json_parse(r->a, r->reply.body, &json, NULL) != CH_JSON_OK)
        wrong("the reply is no JSON");
}

static void ask(const struct ch_module *m, const struct ch_route *row, const char *word, struct ch_bytes body)
{
    struct ch_arena *a = ch_arena_new();
    unsigned char *bytes = ch_bytes_dup(a, body).p != NULL ? (unsigned char *)ch_strndup(a, body.p, body.n) : NULL;
    FCGX_Stream in = {
        .rdNext = bytes, .stop = bytes + body.n, .stopUnget = bytes, .isReader = 1, .fillBuffProc = fill_nothing};
    struct ch_req r = {.a = a, .module = m, .params = parameters(a, row, word, body), .slug = "", .id = "test"};

    run->n = 0;
    run->wrong[0] = '\0';
    ch__process(&r, &in);
    check_reply(&r);
    for (int i = 0; r.reply.more && i < PARTS_MOST; i++)
        if (ch__next_part(&r) != CH_OK)
            break;
    run->runs++;
    if (run->n > run->most)
        run->most = run->n;
    ch_arena_free(a);
}

/* --- the runs of a route --- */

/* The next combination of choices for the statements that the last run has made; false after the last. */
static bool next_run(void)
{
    size_t n = run->n < CH_COUNT(run->given) ? run->n : CH_COUNT(run->given);

    while (n > 0 && run->given[n - 1] == HANDLERS_ANSWERS - 1)
        run->given[--n] = HANDLERS_NO_ROW;
    if (n == 0)
        return false;
    run->given[n - 1]++;
    return true;
}

static bool run_body(const struct ch_module *m, const struct ch_route *row, const char *word, struct ch_bytes body)
{
    memset(run->given, 0, sizeof run->given);
    for (int i = 0; i < RUNS_MOST; i++) {
        ask(m, row, word, body);
        if (run->wrong[0] != '\0')
            return false;
        if (!next_run())
            break;
    }
    return true;
}

static bool run_bodies(const struct ch_module *m, const struct ch_route *row, const char *word)
{
    struct ch_arena *a = ch_arena_new();
    bool ok = true;

    if (row->body == NULL)
        ok = run_body(m, row, word, row->cap > 0 ? CH_BYTES(pixel, sizeof pixel) : CH_BYTES(NULL, 0));
    for (size_t v = 0; ok && row->body != NULL; v++) {
        const char *json = handlers_body(a, row->body, v);
        if (json == NULL)
            break;
        ok = run_body(m, row, word, CH_BYTES(json, strlen(json)));
    }
    ch_arena_free(a);
    return ok;
}

/* Whether the path has a variable that can be a word. */
static bool takes_word(const char *path)
{
    for (const char *p = strchr(path, '{'); p != NULL; p = strchr(p + 1, '{'))
        if (strncmp(p, "{slug}", 6) != 0 && p[strcspn(p, ":}")] == '}')
            return true;
    return false;
}

static bool run_route(const struct ch_module *m, const struct ch_route *row)
{
    size_t n = takes_word(row->path) ? CH_COUNT(words) : 1;
    bool ok = true;

    for (size_t i = 0; ok && i < n; i++)
        ok = run_bodies(m, row, words[i]);
    return ok;
}

/* Tells which answers the route was given when it failed. */
static void tell_answers(void)
{
    static const char *const kinds[] = {"no row", "NULLs", "values"};

    for (size_t i = 0; i < run->n && i < CH_COUNT(run->given); i++)
        printf("#   %s: %s\n", run->names[i], kinds[run->given[i]]);
}

/* Runs the route in a process of its own, and returns whether everything was right. */
static bool try_route(const struct ch_module *m, const struct ch_route *row, int n)
{
    int status;

    *run = (struct handlers_run){0};
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(SECONDS_MOST);
        _exit(run_route(m, row) ? 0 : 1);
    }
    bool ok = child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    printf("%s %d - %s: %d runs, up to %zu statements\n", ok ? "ok" : "not ok", n, row->op, run->runs, run->most);
    if (!ok) {
        printf("# %s\n", run->wrong[0] != '\0' ? run->wrong : "crashed");
        tell_answers();
    }
    return ok;
}

int ch_module_main(const struct ch_module *m, int argc, char **argv)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_module own = *m;
    int n = 0;
    bool ok = prepare(a, &own);

    for (const struct ch_route *row = own.served; ok && row->method != NULL; row++)
        if (argc < 2 || strcmp(argv[1], row->op) == 0)
            n++;
    printf("1..%d\n", n);
    n = 0;
    bool all = ok;
    for (const struct ch_route *row = own.served; ok && row->method != NULL; row++)
        if (argc < 2 || strcmp(argv[1], row->op) == 0)
            all = try_route(&own, row, ++n) && all;
    remove_folder(a);
    ch_arena_free(a);
    return all && n > 0 ? 0 : 1;
}
