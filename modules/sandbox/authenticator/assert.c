/* SPDX-License-Identifier: Apache-2.0
 * POST /sandbox/api/authenticator/assert: signs a challenge with the first of the named passkeys that is here.
 *
 * The body is read by hand, because tables of fields know no lists of texts. Origin and RP id are taken as they are said: a test
 * must be able to sign for the wrong page. */
#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/crypto/sign.h"
#include "modules/sandbox/authenticator/authenticator.h"

#include <dirent.h>

#define MOST_CREDENTIALS 32
#define CHALLENGE 32
#define LONGEST_NAME 300

struct asked {
    struct ch_bytes credentials[MOST_CREDENTIALS];
    size_t n;
    struct ch_bytes challenge;
    struct ch_webauthn_site site;
};

static void read_credentials(struct ch_req *r, const struct ch_json *root, struct asked *out)
{
    const struct ch_json *list = ch_json_get(root, "credentials");

    if (list == NULL || list->kind != CH_JSON_ARRAY || list->count < 1 || list->count > MOST_CREDENTIALS) {
        ch_wrong(r, "/credentials", "not_list", "应为 1 至 32 项。");
        return;
    }
    for (const struct ch_json *one = list->first; one != NULL; one = one->next, out->n++)
        if (one->kind != CH_JSON_STRING || !ch_unbase64(r->a, one->text, &out->credentials[out->n]))
            ch_wrong(r, ch_printf(r->a, "/credentials/%zu", out->n), "rule", "应为 base64url。");
}

static const char *read_name(struct ch_req *r, const struct ch_json *root, const char *member)
{
    const char *text = ch_json_text(root, member);

    if (text == NULL || *text == '\0' || strlen(text) > LONGEST_NAME)
        ch_wrong(r, ch_printf(r->a, "/%s", member), "rule", "应为 1 至 300 个字符。");
    return text;
}

static enum ch_err read_asked(struct ch_req *r, struct asked *out)
{
    struct ch_json *root;

    if (ch_json_parse(r->a, r->raw, &root, NULL) != CH_JSON_OK || root->kind != CH_JSON_OBJECT)
        return ch_fail(r, CH_E_MALFORMED, "body is no JSON object");
    *out = (struct asked){.n = 0};
    read_credentials(r, root, out);
    const char *challenge = ch_json_text(root, "challenge");
    if (challenge == NULL || !ch_unbase64(r->a, challenge, &out->challenge) || out->challenge.n != CHALLENGE)
        ch_wrong(r, "/challenge", "rule", "应为 32 个字节的 base64url。");
    out->site.origin = read_name(r, root, "origin");
    out->site.rp_id = read_name(r, root, "rp_id");
    return r->errors == NULL ? CH_OK : ch_fail(r, CH_E_INVALID, "input");
}

/* The credential's place among those that were asked for, or their number. */
static size_t place_of(const struct asked *asked, struct ch_bytes credential)
{
    size_t i = 0;

    while (i < asked->n && !ch_same(asked->credentials[i], credential))
        i++;
    return i;
}

/* The key of the first credential for which there is one, or NULL; the caller frees it. The folder is read each time, because
 * keys are added while the sandbox runs. */
static EVP_PKEY *first_key(struct ch_arena *a, const struct asked *asked)
{
    const char *folder = ch_printf(a, "%s/" AUTHENTICATOR_FOLDER, ch_conf(CONF_SANDBOX_KEYS));
    DIR *d = opendir(folder);
    EVP_PKEY *best = NULL;
    size_t best_place = asked->n;

    if (d == NULL)
        return NULL;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        struct authenticator_public known;
        EVP_PKEY *key = e->d_name[0] != '.' ? ch_key_private(ch_printf(a, "%s/%s", folder, e->d_name)) : NULL;
        if (key == NULL || !authenticator_public(key, &known)) {
            EVP_PKEY_free(key);
            continue;
        }
        size_t place = place_of(asked, CH_BYTES(known.credential, sizeof known.credential));
        bool better = place < best_place;
        EVP_PKEY_free(better ? best : key);
        best = better ? key : best;
        best_place = better ? place : best_place;
    }
    closedir(d);
    return best;
}

enum ch_err sandbox_authenticator_assert(struct ch_req *r)
{
    struct asked asked;
    struct ch_assertion made;
    struct ch_jw w;
    enum ch_err e = read_asked(r, &asked);

    if (e != CH_OK)
        return e;
    EVP_PKEY *key = first_key(r->a, &asked);
    if (key == NULL)
        return ch_fail_say(r, CH_E_NOT_FOUND, "沙箱中没有所列的安全密钥，请核对登记的密钥。");
    bool ok = authenticator_assert(r->a, key, &asked.site, asked.challenge, &made);
    EVP_PKEY_free(key);
    if (!ok)
        return ch_fail(r, CH_E_INTERNAL, "the passkey does not sign");
    ch_jw_init(&w, r->a);
    authenticator_write(&w, r->a, &made);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

const struct ch_route sandbox_authenticator_routes[] = {
    {"POST", "/sandbox/api/authenticator/assert", CH_PUBLIC, NULL, CH_KB(64), CH_TX_NONE,
     "sandbox.authenticator_assert", sandbox_authenticator_assert},
    {0},
};
