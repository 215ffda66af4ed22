/* SPDX-License-Identifier: Apache-2.0
 * Partners' platforms: the keys that sign their requests, and the address that receives the events of their orders
 * (docs/partners.md). A secret is shown only once, when it is made, and stored encrypted. */
#include "programs/admin/admin.h"

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

static bool make_key(struct ch_arena *a, struct ch_db *db, const struct ch_ring *ring, const char *slug)
{
    const char *id = ch_uuid7(a);
    unsigned char secret[SECRET_BYTES];

    ch_random(secret, sizeof secret);
    struct ch_bytes encrypted = ch_encrypt(ring, a, CH_PARTNER_SECRET, id, CH_BYTES(secret, sizeof secret));
    if (!admin_run(a, db, "admin.partner",
                   CH_CALL(&admin_partner_key_new, ch_p_text(id), ch_p_text(slug), ch_p_bytes(encrypted)), NULL))
        return false;
    printf("keyid   %s\nsecret  %s\n", id, ch_base64(a, CH_BYTES(secret, sizeof secret)));
    return true;
}

static bool set_webhook(struct ch_arena *a, struct ch_db *db, const struct ch_ring *ring, const char *slug, const char *url)
{
    const char *id = ch_uuid7(a), *secret = ch_webhook_secret(a);
    const char *wrong = ch_url_wrong(a, url, ch_conf_bool(CONF_PRODUCTION));

    if (wrong != NULL) {
        fprintf(stderr, "%s: %s\n", url, wrong);
        return false;
    }
    struct ch_bytes encrypted = ch_encrypt(ring, a, CH_HOOK_SECRET, id, CH_BYTES(secret, strlen(secret)));
    if (!admin_run(a, db, "admin.partner",
                   CH_CALL(&admin_partner_hook_put, ch_p_text(id), ch_p_text(slug), ch_p_text(url), ch_p_bytes(encrypted)),
                   NULL))
        return false;
    printf("secret  %s\n", secret);
    return true;
}

/* Makes a key or a webhook, whose secret is encrypted with the field keys. */
static bool make_secret(struct ch_arena *a, struct ch_db *db, char **argv)
{
    struct ch_ring *ring = ch_db_keys_load(db, CH_KEYS_PARTNER);

    if (ring == NULL) {
        fputs("no field keys: certhall-admin keys makes them\n", stderr);
        return false;
    }
    bool key = strcmp(argv[0], "key") == 0;
    bool ok = key ? make_key(a, db, ring, argv[2]) : set_webhook(a, db, ring, argv[1], argv[2]);
    ch_ring_free(ring);
    return ok;
}

static bool list_keys(struct ch_arena *a, struct ch_db *db)
{
    struct ch_rows r;

    if (!admin_run(a, db, "admin.partner", CH_CALL0(&admin_partner_list), &r))
        return false;
    for (int i = 0; i < r.n; i++) {
        const char *used = ch_col(&r, i, "used_at"), *ended = ch_col(&r, i, "ended_at");
        printf("%s\t%s\t%s\t%s\n", ch_col(&r, i, "slug"), ch_col(&r, i, "id"), used != NULL ? used : "-",
               ended != NULL ? ended : "active");
    }
    return true;
}

int admin_partner(struct ch_arena *a, int argc, char **argv)
{
    bool key = argc == 3 && strcmp(argv[0], "key") == 0, made = key && strcmp(argv[1], "new") == 0;
    bool over = key && strcmp(argv[1], "end") == 0 && ch_is_uuid(argv[2]);
    bool hooked = argc == 3 && strcmp(argv[0], "webhook") == 0, listed = argc == 1 && strcmp(argv[0], "list") == 0;

    if (!made && !over && !hooked && !listed)
        return 2;
    struct ch_db *db = admin_db();
    bool ok = db != NULL &&
              (listed ? list_keys(a, db)
               : over ? admin_run(a, db, "admin.partner", CH_CALL(&admin_partner_key_end, ch_p_text(argv[2])), NULL)
                      : make_secret(a, db, argv));
    ch_db_close(db);
    return ok ? 0 : 1;
}
