/* SPDX-License-Identifier: Apache-2.0
 * Partners' platforms: the keys that sign their requests, and the address that receives the events of their orders
 * (docs/partners.md). Two security officers decide who gets a key and what address there is (programs/admin/resolution.h); to end a
 * key takes nobody's signature, since it must be done at once and gives nothing to anybody. A secret is shown only once, when it is
 * made, and stored encrypted. */
#include "programs/admin/resolution.h"

#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/base/random.h"
#include "core/db/keys.h"
#include "core/gateway/webhook/webhook.h"
#include "core/http/url.h"
#include "core/order/ticket.h"

#include <stdio.h>
#include <string.h>

#define SECRET_BYTES 32

/* How a change is made: without files, or with those of text and signatures; or it is only drafted. */
struct way {
    bool drafted;
    char *const *files;
};

static bool decide(struct ch_arena *a, struct ch_db *db, const struct way *way, const struct resolution *r)
{
    return way->drafted ? resolution_draft(a, db, r) : resolution_put(a, db, r, way->files, NULL);
}

/* The secret encrypted with the field keys, for the row with that id; a draft needs none. */
static bool encrypt_secret(struct ch_arena *a, struct ch_db *db, const struct way *way, const char *place,
                           const char *id, struct ch_bytes secret, struct ch_param *out)
{
    *out = ch_p_null();
    if (way->drafted)
        return true;
    struct ch_ring *ring = ch_db_keys_load(db, CH_KEYS_PARTNER);
    if (ring == NULL) {
        fputs("no field keys: certhall-admin keys makes them\n", stderr);
        return false;
    }
    *out = ch_p_bytes(ch_encrypt(ring, a, place, id, secret));
    ch_ring_free(ring);
    return true;
}

/* "SLUG" */
static bool give_key(struct ch_arena *a, struct ch_db *db, const struct way *way, char **argv)
{
    const char *id = ch_uuid7(a);
    unsigned char secret[SECRET_BYTES];
    struct ch_param params[] = {ch_p_text(id), ch_p_text(argv[0]), ch_p_null(), ch_p_null()};
    const struct resolution r = {
        .op = "admin.partner",
        .title = "发放合作平台密钥",
        .facts = CH_CALL(&admin_partner_key_facts, ch_p_text(argv[0])),
        .deed = &admin_partner_key_new,
        .params = params,
    };

    ch_random(secret, sizeof secret);
    if (!encrypt_secret(a, db, way, CH_PARTNER_SECRET, id, CH_BYTES(secret, sizeof secret), &params[2]) ||
        !decide(a, db, way, &r))
        return false;
    if (!way->drafted)
        printf("keyid   %s\nsecret  %s\n", id, ch_base64(a, CH_BYTES(secret, sizeof secret)));
    return true;
}

/* "SLUG URL" */
static bool set_webhook(struct ch_arena *a, struct ch_db *db, const struct way *way, char **argv)
{
    const char *id = ch_uuid7(a), *secret = ch_webhook_secret(a);
    const char *wrong = ch_url_wrong(a, argv[1], ch_conf_bool(CONF_PRODUCTION));
    struct ch_param params[] = {ch_p_text(id), ch_p_text(argv[0]), ch_p_text(argv[1]), ch_p_null(), ch_p_null()};
    const struct resolution r = {
        .op = "admin.partner",
        .title = "变更合作平台通知地址",
        .facts = CH_CALL(&admin_partner_hook_facts, ch_p_text(argv[0]), ch_p_text(argv[1])),
        .deed = &admin_partner_hook_put,
        .params = params,
    };

    if (wrong != NULL) {
        fprintf(stderr, "%s: %s\n", argv[1], wrong);
        return false;
    }
    if (!encrypt_secret(a, db, way, CH_HOOK_SECRET, id, CH_BYTES(secret, strlen(secret)), &params[3]) ||
        !decide(a, db, way, &r))
        return false;
    if (!way->drafted)
        printf("secret  %s\n", secret);
    return true;
}

/* "ID" */
static bool end_key(struct ch_arena *a, struct ch_db *db, const struct way *way, char **argv)
{
    (void)way;
    return admin_run(a, db, "admin.partner", CH_CALL(&admin_partner_key_end, ch_p_text(argv[0])), NULL);
}

static bool list_keys(struct ch_arena *a, struct ch_db *db, const struct way *way, char **argv)
{
    struct ch_rows r;

    (void)way, (void)argv;
    if (!admin_run(a, db, "admin.partner", CH_CALL0(&admin_partner_list), &r))
        return false;
    for (int i = 0; i < r.n; i++) {
        const char *used = ch_col(&r, i, "used_at"), *ended = ch_col(&r, i, "ended_at");
        printf("%s\t%s\t%s\t%s\n", ch_col(&r, i, "slug"), ch_col(&r, i, "id"), used != NULL ? used : "-",
               ended != NULL ? ended : "active");
    }
    return true;
}

static const struct {
    const char *what, *word; /* NULL: there is no second word */
    int arguments;           /* those of the change itself */
    bool put;                /* two files come before them */
    bool (*run)(struct ch_arena *a, struct ch_db *db, const struct way *way, char **argv);
} actions[] = {
    {"list", NULL, 0, false, list_keys},         {"key", "new", 1, false, give_key},
    {"key", "draft", 1, false, give_key},        {"key", "put", 1, true, give_key},
    {"key", "end", 1, false, end_key},           {"webhook", "set", 2, false, set_webhook},
    {"webhook", "draft", 2, false, set_webhook}, {"webhook", "put", 2, true, set_webhook},
};

int admin_partner(struct ch_arena *a, int argc, char **argv)
{
    for (size_t i = 0; argc > 0 && i < CH_COUNT(actions); i++) {
        int words = actions[i].word != NULL ? 2 : 1, files = actions[i].put ? 2 : 0;
        if (argc != words + files + actions[i].arguments || strcmp(argv[0], actions[i].what) != 0 ||
            (words == 2 && strcmp(argv[1], actions[i].word) != 0))
            continue;
        const struct way way = {.drafted = words == 2 && strcmp(argv[1], "draft") == 0,
                                .files = actions[i].put ? argv + words : NULL};
        if (actions[i].run == end_key && !ch_is_uuid(argv[words]))
            return 2;
        struct ch_db *db = admin_db();
        bool ok = db != NULL && actions[i].run(a, db, &way, argv + words + files);
        ch_db_close(db);
        return ok ? 0 : 1;
    }
    return 2;
}
