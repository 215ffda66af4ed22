/* SPDX-License-Identifier: Apache-2.0
 * Rosters: what is one, and which step from one to the next is taken. The keys are made here, and sign as a browser does. */
#include "core/passkey/roster.h"

#include "core/base/codec.h"
#include "core/crypto/sign.h"
#include "core/passkey/statement.h"
#include "core/passkey/tray.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <openssl/core_names.h>

#include <cmocka.h>

#define PERSON(n) "00000000-0000-7000-8000-00000000000" n

static const struct ch_webauthn_site site = {"http://desk.localhost:8080", "desk.localhost"};
static struct ch_arena *a;

enum { REVIEW, PRODUCE, OUTLET, OFFICER1, OFFICER2, REVIEW2, REVIEW3, KEYS };
static EVP_PKEY *keys[KEYS];
static const char *points[KEYS];
static const char *const rows[KEYS] = {
    "\"person\":\"" PERSON("1") "\",\"name\":\"review\",\"roles\":[\"reviewer\"],\"credential\":\"AAE\"",
    "\"person\":\"" PERSON("2") "\",\"name\":\"produce\",\"roles\":[\"producer\",\"finance\"],\"credential\":\"AAI\"",
    "\"person\":\"" PERSON("3") "\",\"name\":\"outlet\",\"roles\":[\"outlet\"],\"credential\":\"AAM\"",
    "\"person\":\"" PERSON("4") "\",\"name\":\"officer1\",\"roles\":[\"officer\"],\"credential\":\"AAQ\"",
    "\"person\":\"" PERSON("5") "\",\"name\":\"officer2\",\"roles\":[\"officer\"],\"credential\":\"AAU\"",
    "\"person\":\"" PERSON("6") "\",\"name\":\"review2\",\"roles\":[\"reviewer\"],\"credential\":\"AAY\"",
    "\"person\":\"" PERSON("7") "\",\"name\":\"review3\",\"roles\":[\"auditor\",\"reviewer\"],\"credential\":\"AAc\"",
};

static const char *key_row(int k)
{
    return ch_printf(a, "{%s,\"point\":\"%s\"}", rows[k], points[k]);
}

static struct ch_bytes roster_text(int64_t version, const char *previous, const char *more)
{
    const char *quoted = previous != NULL ? ch_printf(a, "\"%s\"", previous) : "null";
    const char *text =
        ch_printf(a, "{\"certhall\":\"roster\",\"version\":%lld,\"previous\":%s,\"keys\":[%s,%s,%s,%s,%s,%s,%s%s]}",
                  (long long)version, quoted, key_row(0), key_row(1), key_row(2), key_row(3), key_row(4), key_row(5),
                  key_row(6), more);
    return CH_BYTES(text, strlen(text));
}

static struct ch_roster roster(int64_t version, const char *previous)
{
    struct ch_fault f = {0};
    struct ch_roster r;

    assert_int_equal(ch_roster_read(a, &f, roster_text(version, previous, ""), &r), CH_OK);
    return r;
}

/* What a browser gives when key `k` signs the challenge. */
static struct ch_assertion sign(int k, struct ch_bytes challenge)
{
    unsigned char data[37] = {0}, both[37 + CH_SHA256_BYTES];
    struct ch_assertion out;

    const char *client = ch_printf(a, "{\"type\":\"webauthn.get\",\"challenge\":\"%s\",\"origin\":\"%s\"}",
                                   ch_base64url(a, challenge), site.origin);
    out.client_data = CH_BYTES(client, strlen(client));
    ch_sha256(CH_BYTES(site.rp_id, strlen(site.rp_id)), data);
    data[32] = 0x05;
    out.authenticator_data = CH_BYTES(ch_strndup(a, data, sizeof data), sizeof data);
    memcpy(both, data, sizeof data);
    ch_sha256(out.client_data, both + sizeof data);
    assert_true(ch_sign(a, keys[k], NULL, CH_BYTES(both, sizeof both), &out.signature));
    unsigned char id[2] = {0, (unsigned char)(k + 1)};
    out.credential = CH_BYTES(ch_strndup(a, id, 2), 2);
    return out;
}

static void a_roster_is_read(void **state)
{
    struct ch_roster r = roster(1, NULL);

    (void)state;
    assert_int_equal(r.version, 1);
    assert_null(r.previous);
    assert_int_equal(r.n, KEYS);
    assert_int_equal(strlen(r.digest), 64);
    assert_string_equal(r.keys[PRODUCE].name, "produce");
    assert_true(ch_roster_has_role(&r.keys[PRODUCE], "producer"));
    assert_true(ch_roster_has_role(&r.keys[PRODUCE], "finance"));
    assert_false(ch_roster_has_role(&r.keys[PRODUCE], "produce"));
    assert_false(ch_roster_has_role(&r.keys[PRODUCE], "reviewer"));
    assert_ptr_equal(ch_roster_find(&r, r.keys[OUTLET].credential), &r.keys[OUTLET]);
    assert_null(ch_roster_find(&r, CH_LIT("none")));
}

static bool is_refused(struct ch_bytes text, const char *why)
{
    struct ch_fault f = {0};
    struct ch_roster r;

    return ch_roster_read(a, &f, text, &r) == CH_E_INVALID && strstr(f.detail, why) != NULL;
}

static struct ch_bytes with(const char *row)
{
    return roster_text(1, NULL, ch_printf(a, ",%s", row));
}

static void no_roster(void **state)
{
    const char *key = points[REVIEW], *other = ch_base64url(a, CH_LIT("no point"));

    (void)state;
    assert_true(is_refused(CH_LIT(""), "no JSON"));
    assert_true(is_refused(CH_LIT("[]"), "no roster"));
    assert_true(is_refused(CH_LIT("{\"certhall\":\"list\",\"version\":1,\"previous\":null,\"keys\":[]}"), "no roster"));
    assert_true(is_refused(CH_LIT("{\"certhall\":\"roster\",\"version\":0,\"previous\":null,\"keys\":[]}"), "version"));
    assert_true(is_refused(CH_LIT("{\"certhall\":\"roster\",\"version\":2,\"previous\":null,\"keys\":[]}"), "first version"));
    assert_true(
        is_refused(CH_LIT("{\"certhall\":\"roster\",\"version\":1,\"previous\":\"00\",\"keys\":[]}"), "first version"));
    assert_true(is_refused(CH_LIT("{\"certhall\":\"roster\",\"version\":1,\"previous\":null,\"keys\":[]}"),
                           "two security officers"));
    assert_true(is_refused(CH_LIT("{\"certhall\":\"roster\",\"version\":1,\"previous\":null}"), "no keys"));
#define ROW(person, name, roles, credential) \
    ch_printf(a, "{\"person\":\"%s\",\"name\":\"%s\",\"roles\":%s,\"credential\":\"%s\",\"point\":\"%s\"}", person, \
              name, roles, credential, key)
    assert_true(is_refused(with(ROW("1", "new", "[\"reviewer\"]", "AAk")), "without person"));
    assert_true(is_refused(with(ROW(PERSON("9"), "Neu ", "[\"reviewer\"]", "AAk")), "without person"));
    assert_true(is_refused(with(ROW(PERSON("9"), "new", "[]", "AAk")), "without person"));
    assert_true(is_refused(with(ROW(PERSON("9"), "new", "[\"a b\"]", "AAk")), "without person"));
    assert_true(is_refused(with(ROW(PERSON("9"), "new", "[\"reviewer\"]", "")), "credential"));
    assert_true(is_refused(with(ROW(PERSON("9"), "new", "[\"reviewer\"]", "AAE")), "credential"));
    assert_true(is_refused(with(ROW(PERSON("9"), "new", "[\"reviewer\"]", "AAk")), "key of two"));
    assert_true(is_refused(with(ROW(PERSON("1"), "new", "[\"reviewer\"]", "AAk")), "two names"));
    assert_true(is_refused(with(ROW(PERSON("9"), "review", "[\"reviewer\"]", "AAk")), "two names"));
    key = other;
    assert_true(is_refused(with(ROW(PERSON("9"), "new", "[\"reviewer\"]", "AAk")), "no point"));
}

/* The signatures of these keys under the text, as JSON. */
static const char *signatures_of(const int *by, size_t n, struct ch_bytes text)
{
    ch_tray_hash leaf;
    struct ch_jw w;

    ch_tray_leaf(text, leaf);
    ch_jw_init(&w, a);
    ch_jw_array(&w, NULL);
    for (size_t i = 0; i < n; i++) {
        const struct ch_assertion one = sign(by[i], CH_BYTES(leaf, sizeof leaf));
        ch_jw_object(&w, NULL);
        ch_jw_text(&w, "credential", ch_base64url(a, one.credential));
        ch_jw_text(&w, "client_data", ch_base64url(a, one.client_data));
        ch_jw_text(&w, "authenticator_data", ch_base64url(a, one.authenticator_data));
        ch_jw_text(&w, "signature", ch_base64url(a, one.signature));
        ch_jw_end_object(&w);
    }
    ch_jw_end_array(&w);
    return ch_jw_done(&w);
}
#define SIGNATURES(text, ...) \
    signatures_of((const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int), text)

/* Whether the step is refused for that reason; without a reason, whether it is taken. */
static bool does_not_follow(const struct ch_roster *now, const struct ch_roster *next, int one, int two,
                            struct ch_bytes signed_text, const char *why)
{
    struct ch_roster_signers by;
    struct ch_fault f = {0};

    enum ch_err e = ch_roster_follows(a, &f, now, next, &site, SIGNATURES(signed_text, one, two), &by);
    if (why == NULL)
        return e == CH_OK && by.n == 2 && by.by[0] == &now->keys[one] && by.by[1] == &now->keys[two];
    return e == CH_E_INVALID && strstr(f.detail, why) != NULL;
}

static void steps(void **state)
{
    const struct ch_roster one = roster(1, NULL), two = roster(2, one.digest), three = roster(3, two.digest);
    const struct ch_roster stranger = roster(2, three.digest);

    (void)state;
    assert_true(does_not_follow(&one, &two, OFFICER1, OFFICER2, two.text, NULL));
    assert_true(does_not_follow(&one, &two, OFFICER2, OFFICER1, two.text, NULL));
    assert_true(does_not_follow(&one, &two, OFFICER1, OFFICER1, two.text, "twice by one"));
    assert_true(does_not_follow(&one, &two, OFFICER1, REVIEW, two.text, "nobody who may"));
    assert_true(does_not_follow(&one, &two, PRODUCE, OFFICER1, two.text, "nobody who may"));
    assert_true(does_not_follow(&one, &two, OFFICER1, OFFICER2, one.text, "challenge"));
    assert_true(does_not_follow(&one, &three, OFFICER1, OFFICER2, three.text, "does not follow"));
    assert_true(does_not_follow(&one, &stranger, OFFICER1, OFFICER2, stranger.text, "does not follow"));
    assert_true(does_not_follow(&two, &one, OFFICER1, OFFICER2, one.text, "does not follow"));
}

static bool are_no_officers(const struct ch_roster *r, struct ch_bytes text, const char *signatures)
{
    struct ch_roster_signers by;
    struct ch_fault f = {0};

    return ch_roster_officers(a, &f, r, &site, text, signatures, &by) == CH_E_INVALID && f.detail[0] != '\0';
}

static void two_officers(void **state)
{
    const struct ch_roster r = roster(1, NULL);
    const struct ch_bytes text = CH_LIT("text");
    struct ch_roster_signers by;
    struct ch_fault f = {0};

    (void)state;
    assert_int_equal(ch_roster_officers(a, &f, &r, &site, text, SIGNATURES(text, OFFICER2, OFFICER1), &by), CH_OK);
    assert_ptr_equal(by.by[0], &r.keys[OFFICER2]);
    assert_true(are_no_officers(&r, text, NULL));
    assert_true(are_no_officers(&r, text, ""));
    assert_true(are_no_officers(&r, text, "[]"));
    assert_true(are_no_officers(&r, text, "[{},{}]"));
    assert_true(are_no_officers(&r, text, SIGNATURES(text, OFFICER1)));
    assert_true(are_no_officers(&r, text, SIGNATURES(text, OFFICER1, OFFICER1)));
    assert_true(are_no_officers(&r, text, SIGNATURES(text, OFFICER1, OFFICER2, OFFICER1)));
    assert_true(are_no_officers(&r, text, SIGNATURES(text, OFFICER1, REVIEW)));
    assert_true(are_no_officers(&r, text, SIGNATURES(CH_LIT("another"), OFFICER1, OFFICER2)));
}

/* An emergency roster: `reason` is JSON. */
static struct ch_bytes emergency_text(int64_t version, const char *previous, const char *reason)
{
    struct ch_bytes plain = roster_text(version, previous, "");
    const char *text = ch_printf(a, "{\"emergency\":%s,%.*s", reason, (int)plain.n - 1, (const char *)plain.p + 1);
    return CH_BYTES(text, strlen(text));
}

static bool is_taken(const struct ch_roster *now, const struct ch_roster *next, const char *signatures, const char *why)
{
    struct ch_roster_signers by;
    struct ch_fault f = {0};

    enum ch_err e = ch_roster_follows(a, &f, now, next, &site, signatures, &by);
    return why == NULL ? e == CH_OK && by.n == 3 : e == CH_E_INVALID && strstr(f.detail, why) != NULL;
}

/* Three different persons, not all of one role, can act without the officers. */
static void an_emergency(void **state)
{
    const struct ch_roster one = roster(1, NULL), plain = roster(2, one.digest);
    struct ch_fault f = {0};
    struct ch_roster two;

    (void)state;
    assert_int_equal(ch_roster_read(a, &f, emergency_text(2, one.digest, "\"两位安全员的密钥都已遗失\""), &two), CH_OK);
    assert_string_equal(two.emergency, "两位安全员的密钥都已遗失");
    assert_null(plain.emergency);
    assert_true(is_taken(&one, &two, SIGNATURES(two.text, REVIEW, PRODUCE, OUTLET), NULL));
    assert_true(is_taken(&one, &two, SIGNATURES(two.text, REVIEW, REVIEW2, PRODUCE), NULL));
    assert_true(is_taken(&one, &two, SIGNATURES(two.text, OFFICER1, REVIEW, PRODUCE), NULL));
    assert_true(is_taken(&one, &two, SIGNATURES(two.text, REVIEW, PRODUCE), "no list of 3"));
    assert_true(is_taken(&one, &two, SIGNATURES(two.text, OFFICER1, OFFICER2), "no list of 3"));
    assert_true(is_taken(&one, &two, SIGNATURES(two.text, REVIEW, PRODUCE, REVIEW), "twice by one"));
    assert_true(is_taken(&one, &two, SIGNATURES(two.text, REVIEW, PRODUCE, PRODUCE), "twice by one"));
    assert_true(is_taken(&one, &two, SIGNATURES(two.text, REVIEW, REVIEW2, REVIEW3), "one role"));
    assert_true(is_taken(&one, &two, SIGNATURES(plain.text, REVIEW, PRODUCE, OUTLET), "challenge"));
    assert_true(is_taken(&one, &plain, SIGNATURES(plain.text, REVIEW, PRODUCE, OUTLET), "no list of 2"));
    assert_true(is_refused(emergency_text(1, NULL, "\"why\""), "emergency"));
    assert_true(is_refused(emergency_text(2, one.digest, "\"\""), "emergency"));
    assert_true(is_refused(emergency_text(2, one.digest, "true"), "emergency"));
    assert_true(is_refused(emergency_text(2, one.digest, "\"two\\nlines\""), "emergency"));
    assert_true(is_refused(emergency_text(2, one.digest, "\"\\u202e\""), "emergency"));
}

static const struct ch_roster_key *who(const struct ch_roster *r, enum ch_decision d, int k, const char *signed_text,
                                       const char *statement)
{
    struct ch_fault f = {0};
    ch_tray_hash leaf;

    ch_tray_leaf(CH_BYTES(signed_text, strlen(signed_text)), leaf);
    const struct ch_signed given = {.assertion = sign(k, CH_BYTES(leaf, sizeof leaf)), .leaves = 1, .path = CH_LIT("")};
    return ch_roster_signer(a, &f, r, &site, ch_decision_roles(d), statement, &given);
}

static void decisions(void **state)
{
    const struct ch_roster r = roster(1, NULL);

    (void)state;
    assert_ptr_equal(who(&r, CH_DECISION_APPROVE, REVIEW, "yes", "yes"), &r.keys[REVIEW]);
    assert_ptr_equal(who(&r, CH_DECISION_PRODUCE, PRODUCE, "yes", "yes"), &r.keys[PRODUCE]);
    assert_ptr_equal(who(&r, CH_DECISION_PRODUCE, OUTLET, "yes", "yes"), &r.keys[OUTLET]);
    assert_null(who(&r, CH_DECISION_APPROVE, PRODUCE, "yes", "yes"));
    assert_null(who(&r, CH_DECISION_PRODUCE, REVIEW, "yes", "yes"));
    assert_null(who(&r, CH_DECISION_APPROVE, OFFICER1, "yes", "yes"));
    assert_null(who(&r, CH_DECISION_APPROVE, REVIEW, "yes", "no"));
}

/* Two statements under one signature: each is shown alone, by its place and the other's leaf. */
static void a_tray(void **state)
{
    const struct ch_roster r = roster(1, NULL);
    ch_tray_hash leaves[2], root;
    struct ch_fault f = {0};

    (void)state;
    ch_tray_leaf(CH_LIT("one"), leaves[0]);
    ch_tray_leaf(CH_LIT("two"), leaves[1]);
    ch_tray_root(leaves, 2, root);
    struct ch_signed given = {.assertion = sign(REVIEW, CH_BYTES(root, sizeof root)),
                              .leaves = 2,
                              .at = 1,
                              .path = CH_BYTES(leaves[0], CH_SHA256_BYTES)};
    assert_ptr_equal(ch_roster_signer(a, &f, &r, &site, ch_decision_roles(CH_DECISION_APPROVE), "two", &given),
                     &r.keys[REVIEW]);
    assert_null(ch_roster_signer(a, &f, &r, &site, ch_decision_roles(CH_DECISION_APPROVE), "one", &given));
    given.leaves = 3;
    assert_null(ch_roster_signer(a, &f, &r, &site, ch_decision_roles(CH_DECISION_APPROVE), "two", &given));
}

static int begin(void **state)
{
    unsigned char point[CH_PASSKEY_POINT];
    size_t n;

    (void)state;
    a = ch_arena_new();
    for (int k = 0; k < KEYS; k++) {
        keys[k] = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        if (keys[k] == NULL ||
            EVP_PKEY_get_octet_string_param(keys[k], OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &n) != 1)
            return -1;
        points[k] = ch_base64url(a, CH_BYTES(point, n));
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    for (int k = 0; k < KEYS; k++)
        EVP_PKEY_free(keys[k]);
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_roster_is_read), cmocka_unit_test(no_roster),    cmocka_unit_test(steps),
        cmocka_unit_test(two_officers),     cmocka_unit_test(an_emergency), cmocka_unit_test(decisions),
        cmocka_unit_test(a_tray),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
