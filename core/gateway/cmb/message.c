/* SPDX-License-Identifier: Apache-2.0
 * Signing and encrypting messages of CMB CloudDC. */
#include "core/gateway/cmb/message.h"

#include "core/base/codec.h"
#include "core/crypto/cipher.h"
#include "core/crypto/sign.h"

#include <stdio.h>
#include <string.h>

#define RAW_SIGNATURE 64

void ch_cmb_padded_uid(const char *uid, char out[17])
{
    size_t n = strnlen(uid, 16);

    memset(out, '0', 16);
    memcpy(out, uid, n);
    out[16] = '\0';
}

static int by_key(const void *x, const void *y)
{
    return strcmp((*(const struct ch_json *const *)x)->key, (*(const struct ch_json *const *)y)->key);
}

static void put_node(struct ch_arena *a, struct ch_jw *w, const char *key, const struct ch_json *node);

static void put_sorted(struct ch_arena *a, struct ch_jw *w, const struct ch_json *object)
{
    const struct ch_json **members = ch_alloc_array(a, object->count + 1, sizeof(const struct ch_json *));
    size_t n = 0;

    for (const struct ch_json *m = object->first; m != NULL; m = m->next)
        members[n++] = m;
    qsort(members, n, sizeof *members, by_key); /* NOLINT(bugprone-sizeof-expression): it is the pointers that are sorted */
    for (size_t i = 0; i < n; i++)
        put_node(a, w, members[i]->key, members[i]);
}

/* The recursion is bounded, since parsed trees are at most CH_JSON_MAX_DEPTH deep. */
static void put_node(struct ch_arena *a, struct ch_jw *w, const char *key, const struct ch_json *node)
{
    if (node->kind == CH_JSON_OBJECT) {
        ch_jw_object(w, key);
        put_sorted(a, w, node);
        ch_jw_end_object(w);
    } else if (node->kind == CH_JSON_ARRAY) {
        ch_jw_array(w, key);
        for (const struct ch_json *e = node->first; e != NULL; e = e->next)
            put_node(a, w, NULL, e);
        ch_jw_end_array(w);
    } else {
        ch_jw_node(w, key, node);
    }
}

char *ch_cmb_canonical(struct ch_arena *a, const struct ch_json *node)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    put_node(a, &w, NULL, node);
    return ch_jw_done(&w);
}

/* `text` with the first `from` replaced by `to`; NULL when `from` is not in it. */
static char *replace_first(struct ch_arena *a, const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);

    if (at == NULL)
        return NULL;
    return ch_printf(a, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

/* The message with the member "signature" added. NULL when the message does not have exactly one member. */
static char *with_signature(struct ch_arena *a, const char *message, const char *sigtim, const char *sigdat)
{
    struct ch_json *root = NULL;
    struct ch_jw w;

    if (ch_json_parse(a, CH_BYTES(message, strlen(message)), &root, NULL) != CH_JSON_OK || root->count != 1)
        return NULL;
    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    put_sorted(a, &w, root); /* "request" and "response" both sort before "signature" */
    ch_jw_object(&w, "signature");
    ch_jw_text(&w, "sigdat", sigdat);
    ch_jw_text(&w, "sigtim", sigtim);
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

char *ch_cmb_sign(struct ch_arena *a, EVP_PKEY *key, const char *uid, const char *message, const char *sigtim)
{
    char id[17];
    unsigned char raw[RAW_SIGNATURE];
    struct ch_bytes der;
    char *source = with_signature(a, message, sigtim, CH_CMB_PLACEHOLDER);

    ch_cmb_padded_uid(uid, id);
    if (source == NULL || !EVP_PKEY_is_a(key, "SM2") || !ch_sign(a, key, id, CH_BYTES(source, strlen(source)), &der) ||
        !ch_sm2_der_to_raw(der, raw))
        return NULL;
    return with_signature(a, message, sigtim, ch_base64(a, CH_BYTES(raw, sizeof raw)));
}

static bool is_signature(struct ch_arena *a, EVP_PKEY *key, const char *uid, const char *source, const char *sigdat)
{
    char id[17];
    struct ch_bytes raw, der;

    ch_cmb_padded_uid(uid, id);
    return source != NULL && EVP_PKEY_is_a(key, "SM2") && ch_unbase64(a, sigdat, &raw) && raw.n == RAW_SIGNATURE &&
           ch_sm2_raw_to_der(a, raw.p, &der) && ch_verify(key, id, CH_BYTES(source, strlen(source)), der);
}

/* The signed text as the bank's document describes it: the tree with the placeholder in it, sorted and written again. */
static char *rebuild_source(struct ch_arena *a, const struct ch_json *root)
{
    struct ch_json *sig = (struct ch_json *)(uintptr_t)ch_json_get(ch_json_get(root, "signature"), "sigdat");
    const char *kept = sig->text;

    sig->text = CH_CMB_PLACEHOLDER;
    char *out = ch_cmb_canonical(a, root);
    sig->text = kept;
    return out;
}

bool ch_cmb_verify(struct ch_arena *a, EVP_PKEY *key, const char *uid, struct ch_bytes text, struct ch_json **root,
                   const char **sigtim)
{
    struct ch_json *tree = NULL;

    if (ch_json_parse(a, text, &tree, NULL) != CH_JSON_OK)
        return false;
    const struct ch_json *signature = ch_json_get(tree, "signature");
    const char *sigdat = ch_json_text(signature, "sigdat"), *time = ch_json_text(signature, "sigtim");
    if (sigdat == NULL || *sigdat == '\0' || time == NULL)
        return false;
    /* The received bytes are tried first: they are sorted already, and their writer may escape what ours does not ("\/"). */
    if (!is_signature(a, key, uid, replace_first(a, ch_strndup(a, text.p, text.n), sigdat, CH_CMB_PLACEHOLDER), sigdat) &&
        !is_signature(a, key, uid, rebuild_source(a, tree), sigdat))
        return false;
    *root = tree;
    *sigtim = time;
    return true;
}

char *ch_cmb_encrypt(struct ch_arena *a, const char *sm4_key, const char *uid, const char *text)
{
    char iv[17];

    if (strlen(sm4_key) != CH_SM4_KEY)
        return NULL;
    ch_cmb_padded_uid(uid, iv);
    return ch_base64(a, ch_sm4_cbc_encrypt(a, (const unsigned char *)sm4_key, (const unsigned char *)iv,
                                           CH_BYTES(text, strlen(text))));
}

bool ch_cmb_decrypt(struct ch_arena *a, const char *sm4_key, const char *uid, const char *base64, struct ch_bytes *text)
{
    char iv[17];
    struct ch_bytes encrypted;

    ch_cmb_padded_uid(uid, iv);
    return strlen(sm4_key) == CH_SM4_KEY && ch_unbase64(a, base64, &encrypted) &&
           ch_sm4_cbc_decrypt(a, (const unsigned char *)sm4_key, (const unsigned char *)iv, encrypted, text) &&
           memchr(text->p, 0, text->n) == NULL;
}
