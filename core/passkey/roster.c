/* SPDX-License-Identifier: Apache-2.0
 * Reads rosters, and checks the step from one to the next. */
#include "core/passkey/roster.h"

#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/crypto/sign.h"
#include "core/passkey/tray.h"

#include <string.h>

#define EMERGENCY_MAX 300 /* bytes of the reason */

static enum ch_err refuse(struct ch_fault *f, const char *why)
{
    return ch_fault(f, CH_E_INVALID, "roster: %s", why);
}

bool ch_assertion_read(struct ch_arena *a, const struct ch_json *node, struct ch_assertion *out)
{
    const struct {
        const char *member;
        struct ch_bytes *to;
    } parts[] = {{"credential", &out->credential},
                 {"client_data", &out->client_data},
                 {"authenticator_data", &out->authenticator_data},
                 {"signature", &out->signature}};

    for (size_t i = 0; i < CH_COUNT(parts); i++) {
        const char *text = ch_json_text(node, parts[i].member);
        if (text == NULL || !ch_unbase64(a, text, parts[i].to) || parts[i].to->n == 0)
            return false;
    }
    return true;
}

/* Reads a JSON array of `n` assertions. */
static bool read_assertions(struct ch_arena *a, const char *json, struct ch_assertion *out, size_t n)
{
    struct ch_json *list;
    size_t i = 0;

    if (json == NULL || ch_json_parse(a, CH_BYTES(json, strlen(json)), &list, NULL) != CH_JSON_OK ||
        list->kind != CH_JSON_ARRAY || list->count != n)
        return false;
    for (const struct ch_json *one = list->first; one != NULL; one = one->next)
        if (!ch_assertion_read(a, one, &out[i++]))
            return false;
    return true;
}

bool ch_roster_has_role(const struct ch_roster_key *key, const char *role)
{
    size_t n = strlen(role);

    for (const char *p = key->roles; (p = strstr(p, role)) != NULL; p += n)
        if (p[-1] == ' ' && p[n] == ' ')
            return true;
    return false;
}

const struct ch_roster_key *ch_roster_find(const struct ch_roster *r, struct ch_bytes credential)
{
    for (size_t i = 0; i < r->n; i++)
        if (ch_same(r->keys[i].credential, credential))
            return &r->keys[i];
    return NULL;
}

/* " reviewer finance ": each between blanks. NULL when a role is not a word. */
static const char *read_roles(struct ch_arena *a, const struct ch_json *roles)
{
    const char *text = " ";

    if (roles == NULL || roles->kind != CH_JSON_ARRAY || roles->count == 0)
        return NULL;
    for (const struct ch_json *role = roles->first; role != NULL; role = role->next) {
        if (role->kind != CH_JSON_STRING || role->text[0] == '\0' ||
            role->text[strspn(role->text, "abcdefghijklmnopqrstuvwxyz")] != '\0')
            return NULL;
        text = ch_printf(a, "%s%s ", text, role->text);
    }
    return text;
}

static bool is_name(const char *s)
{
    return s != NULL && *s != '\0' && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0';
}

/* Whether it is a line of text that can be read. */
static bool is_line(const char *s)
{
    return s != NULL && *s != '\0' && strlen(s) <= EMERGENCY_MAX && strpbrk(s, "\t\n\r") == NULL && ch_text_clean(s);
}

/* Whether the bytes are a point of the curve, as OpenSSL sees it. */
static bool is_point(struct ch_bytes b)
{
    EVP_PKEY *key = b.n == CH_PASSKEY_POINT ? ch_key_p256(b) : NULL;

    EVP_PKEY_free(key);
    return key != NULL;
}

static enum ch_err read_key(struct ch_arena *a, struct ch_fault *f, const struct ch_json *node, struct ch_roster *r)
{
    struct ch_roster_key *key = &r->keys[r->n];
    const char *credential = ch_json_text(node, "credential"), *point = ch_json_text(node, "point");
    struct ch_bytes b;

    key->person = ch_json_text(node, "person");
    key->name = ch_json_text(node, "name");
    key->roles = read_roles(a, ch_json_get(node, "roles"));
    if (key->person == NULL || !ch_is_uuid(key->person) || !is_name(key->name) || key->roles == NULL)
        return refuse(f, "a key without person, name or roles");
    if (credential == NULL || !ch_unbase64(a, credential, &key->credential) || key->credential.n == 0 ||
        key->credential.n > CH_PASSKEY_CREDENTIAL_MAX || ch_roster_find(r, key->credential) != NULL)
        return refuse(f, "a credential that is none, or there twice");
    if (point == NULL || !ch_unbase64(a, point, &b) || !is_point(b))
        return refuse(f, "a key that is no point of P-256");
    memcpy(key->point, b.p, CH_PASSKEY_POINT);
    for (size_t i = 0; i < r->n; i++)
        if ((strcmp(r->keys[i].person, key->person) == 0) != (strcmp(r->keys[i].name, key->name) == 0) ||
            memcmp(r->keys[i].point, key->point, CH_PASSKEY_POINT) == 0)
            return refuse(f, "a person with two names, a name of two persons, or a key of two");
    r->n++;
    return CH_OK;
}

static bool has_two_officers(const struct ch_roster *r)
{
    const char *first = NULL;

    for (size_t i = 0; i < r->n; i++) {
        if (!ch_roster_has_role(&r->keys[i], "officer"))
            continue;
        if (first != NULL && strcmp(first, r->keys[i].person) != 0)
            return true;
        first = r->keys[i].person;
    }
    return false;
}

enum ch_err ch_roster_read(struct ch_arena *a, struct ch_fault *f, struct ch_bytes text, struct ch_roster *out)
{
    unsigned char digest[CH_SHA256_BYTES];
    struct ch_json *root;
    enum ch_err e = CH_OK;

    ch_sha256(text, digest);
    *out = (struct ch_roster){.text = text, .digest = ch_hex(a, CH_BYTES(digest, sizeof digest))};
    if (text.n > CH_ROSTER_MAX || ch_json_parse(a, text, &root, NULL) != CH_JSON_OK)
        return refuse(f, "no JSON, or too long");
    const char *kind = ch_json_text(root, "certhall");
    const struct ch_json *keys = ch_json_get(root, "keys");
    if (kind == NULL || strcmp(kind, "roster") != 0 || !ch_json_int(root, "version", &out->version) || out->version < 1)
        return refuse(f, "no roster, or without a version");
    out->previous = ch_json_text(root, "previous");
    if ((out->version == 1) != (out->previous == NULL))
        return refuse(f, "the first version has no previous one, all others have");
    out->emergency = ch_json_text(root, "emergency");
    if (ch_json_get(root, "emergency") != NULL && (out->version == 1 || !is_line(out->emergency)))
        return refuse(f, "an emergency without a reason on one line, or in the first version");
    if (keys == NULL || keys->kind != CH_JSON_ARRAY || keys->count > CH_ROSTER_KEYS)
        return refuse(f, "no keys, or too many");
    out->keys = ch_alloc_array(a, keys->count, sizeof *out->keys);
    for (const struct ch_json *k = keys->first; e == CH_OK && k != NULL; k = k->next)
        e = read_key(a, f, k, out);
    if (e == CH_OK && !has_two_officers(out))
        return refuse(f, "fewer than two security officers");
    return e;
}

/* The key that has signed the hash; NULL when it does not verify, or is of nobody with one of the roles (NULL: any). */
static const struct ch_roster_key *signed_by(struct ch_arena *a, struct ch_fault *f, const struct ch_roster *r,
                                             const struct ch_webauthn_site *site, const char *const *roles,
                                             const ch_tray_hash hash, const struct ch_assertion *signature)
{
    const struct ch_roster_key *key = ch_roster_find(r, signature->credential);
    bool may = key != NULL && roles == NULL;

    for (; roles != NULL && key != NULL && *roles != NULL && !may; roles++)
        may = ch_roster_has_role(key, *roles);
    if (!may) {
        (void)refuse(f, "signed by nobody who may");
        return NULL;
    }
    return ch_webauthn_asserted(a, f, site, CH_BYTES(hash, sizeof(ch_tray_hash)), signature, key->point, NULL) == CH_OK
               ? key
               : NULL;
}

const struct ch_roster_key *ch_roster_signer(struct ch_arena *a, struct ch_fault *f, const struct ch_roster *r,
                                             const struct ch_webauthn_site *site, const char *const *roles,
                                             const char *statement, const struct ch_signed *given)
{
    ch_tray_hash leaf, root;

    ch_tray_leaf(CH_BYTES(statement, strlen(statement)), leaf);
    if (!ch_tray_follow(leaf, given->leaves, given->at, given->path, root)) {
        (void)refuse(f, "the statement is not on the tray");
        return NULL;
    }
    return signed_by(a, f, r, site, roles, root, &given->assertion);
}

const struct ch_roster_key *ch_roster_author(struct ch_arena *a, struct ch_fault *f, const struct ch_roster *r,
                                             const struct ch_webauthn_site *site, const char *text,
                                             const struct ch_assertion *given)
{
    ch_tray_hash leaf;

    ch_tray_leaf(CH_BYTES(text, strlen(text)), leaf);
    return signed_by(a, f, r, site, NULL, leaf, given);
}

/* Checks that the text is signed by `n` different persons with one of the roles (NULL: any). */
static enum ch_err read_signers(struct ch_arena *a, struct ch_fault *f, const struct ch_roster *r,
                                const struct ch_webauthn_site *site, const char *const *roles, struct ch_bytes text,
                                const char *signatures, size_t n, struct ch_roster_signers *out)
{
    struct ch_assertion given[CH_ROSTER_SIGNERS] = {0};
    ch_tray_hash leaf;

    *out = (struct ch_roster_signers){0};
    if (!read_assertions(a, signatures, given, n))
        return refuse(f, ch_printf(a, "no list of %zu signatures", n));
    ch_tray_leaf(text, leaf);
    for (size_t i = 0; i < n; i++) {
        const struct ch_roster_key *key = signed_by(a, f, r, site, roles, leaf, &given[i]);
        if (key == NULL)
            return CH_E_INVALID;
        for (size_t k = 0; k < i; k++)
            if (strcmp(out->by[k]->person, key->person) == 0)
                return refuse(f, "signed twice by one person");
        out->by[out->n++] = key;
    }
    return CH_OK;
}

enum ch_err ch_roster_officers(struct ch_arena *a, struct ch_fault *f, const struct ch_roster *r,
                               const struct ch_webauthn_site *site, struct ch_bytes text, const char *signatures,
                               struct ch_roster_signers *out)
{
    static const char *const officers[] = {"officer", NULL};

    return read_signers(a, f, r, site, officers, text, signatures, 2, out);
}

/* Whether one role is that of all. */
static bool have_one_role(struct ch_arena *a, const struct ch_roster_signers *s)
{
    char *rest = ch_strdup(a, s->by[0]->roles);

    for (const char *role; (role = strtok_r(rest, " ", &rest)) != NULL;) {
        size_t n = 1;
        while (n < s->n && ch_roster_has_role(s->by[n], role))
            n++;
        if (n == s->n)
            return true;
    }
    return false;
}

enum ch_err ch_roster_emergency(struct ch_arena *a, struct ch_fault *f, const struct ch_roster *r,
                                const struct ch_webauthn_site *site, struct ch_bytes text, const char *signatures,
                                struct ch_roster_signers *out)
{
    enum ch_err e = read_signers(a, f, r, site, NULL, text, signatures, 3, out);

    if (e == CH_OK && have_one_role(a, out))
        e = refuse(f, "signed by three persons of one role");
    return e;
}

enum ch_err ch_roster_follows(struct ch_arena *a, struct ch_fault *f, const struct ch_roster *now,
                              const struct ch_roster *next, const struct ch_webauthn_site *site, const char *signatures,
                              struct ch_roster_signers *out)
{
    if (next->version != now->version + 1 || next->previous == NULL || strcmp(next->previous, now->digest) != 0)
        return refuse(f, "it does not follow the one that is in force");
    return next->emergency != NULL ? ch_roster_emergency(a, f, now, site, next->text, signatures, out)
                                   : ch_roster_officers(a, f, now, site, next->text, signatures, out);
}
