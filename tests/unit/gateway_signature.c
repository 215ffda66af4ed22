/* SPDX-License-Identifier: Apache-2.0
 * RFC 9421: the RFC's own example of HMAC (B.2.5), and what is refused. */
#include "core/base/codec.h"
#include "core/gateway/signature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define KEY "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
#define INPUT "sig-b25=(\"date\" \"@authority\" \"content-type\");created=1618884473;keyid=\"test-shared-secret\""
#define MAC "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:"

static struct ch_arena *a;

static const char *component(void *ctx, const char *name)
{
    (void)ctx;
    return strcmp(name, "date") == 0           ? "Tue, 20 Apr 2021 02:07:55 GMT"
           : strcmp(name, "@authority") == 0   ? "example.com"
           : strcmp(name, "content-type") == 0 ? "application/json"
           : strcmp(name, "broken") == 0       ? "a\nb"
                                               : NULL;
}

static struct ch_bytes key(void)
{
    struct ch_bytes k;
    assert_true(ch_unbase64(a, KEY, &k));
    return k;
}

static void published_example(void **state)
{
    struct ch_signature s;

    (void)state;
    assert_true(ch_signature_read(a, INPUT, MAC, &s));
    assert_int_equal(s.created, 1618884473);
    assert_string_equal(s.keyid, "test-shared-secret");
    assert_null(s.nonce);
    assert_true(ch_signature_covers(&s, "@authority"));
    assert_false(ch_signature_covers(&s, "@method"));
    const char *base = ch_signature_base(a, &s, component, NULL);
    assert_string_equal(base, "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@authority\": example.com\n"
                              "\"content-type\": application/json\n\"@signature-params\": (\"date\" \"@authority\" "
                              "\"content-type\");created=1618884473;keyid=\"test-shared-secret\"");
    assert_true(ch_signature_right(&s, key(), base));
    assert_false(ch_signature_right(&s, key(), ch_printf(a, "%s ", base)));
    assert_false(ch_signature_right(&s, CH_LIT("another key"), base));
}

/* The worked example of docs/partners.md. */
static const char *documented(void *ctx, const char *name)
{
    (void)ctx;
    return strcmp(name, "@method") == 0      ? "POST"
           : strcmp(name, "@authority") == 0 ? "hall.example.com"
           : strcmp(name, "@path") == 0      ? "/partner/api/tickets"
           : strcmp(name, "@query") == 0     ? "?"
                                             : "sha-256=:KsMNfDTB1c6EYYe6LPB26cFJnoMpvipaLJZCOOKlc7E=:";
}

static void worked_example(void **state)
{
    struct ch_bytes secret, body = CH_LIT("{\"cert_type\":\"企业证书\",\"years\":1,\"reference\":\"HN-2026-0001\","
                                          "\"form\":{\"unit_name\":\"湖南示范建设有限公司\"}}");
    struct ch_signature s;

    (void)state;
    assert_string_equal(ch_signature_content_digest(a, body), documented(NULL, "content-digest"));
    assert_true(ch_unbase64(a, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", &secret));
    assert_true(ch_signature_read(a,
                                  "sig=(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-digest\");"
                                  "created=1795248000;"
                                  "keyid=\"01990000-0000-7000-8000-000000000001\";nonce=\"f3a1c05e9b7d42c6\";"
                                  "alg=\"hmac-sha256\"",
                                  "sig=:WgagML9RnwNVGq4AcZTAWmZyRq04PkGfvq1m/TjDEWY=:", &s));
    assert_true(ch_signature_right(&s, secret, ch_signature_base(a, &s, documented, NULL)));
}

static void what_is_not_read(void **state)
{
    // clang-format off
    static const char *const inputs[] = {
        "", "sig", "sig=", "sig=()x", "sig=(\"date\"", "sig=(\"date\"  \"@path\")", "sig=( \"date\")", "sig=(date)",
        "sig=(\"Date\")", "sig=(\"@status\")", "sig=(\"date\" \"date\")", "sig=(\"date\";sf)", "sig=(\"a\\\"b\")",
        "sig=(\"date\");created", "sig=(\"date\");created=", "sig=(\"date\");created=01", "sig=(\"date\");created=-1",
        "sig=(\"date\");created=1;created=2", "sig=(\"date\");created=1234567890123456", "sig=(\"date\");created=\"1\"",
        "sig=(\"date\");keyid=x", "sig=(\"date\");keyid=\"x\";keyid=\"x\"", "sig=(\"date\");alg=\"rsa-pss-sha512\"",
        "sig=(\"date\");other=1", "sig=(\"date\"), two=(\"date\")", "Sig=(\"date\")", "sig=(\"date\") ",
    };
    static const char *const macs[] = {
        "", "sig", "sig=", "sig=:", "sig=::", "sig=:AAAA:", "other=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:",
        "sig=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=",
        "sig=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:, a=:AA==:",
        "sig=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8 :",
    };
    // clang-format on
    struct ch_signature s;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(inputs); i++)
        assert_false(ch_signature_read(a, inputs[i], "sig=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:", &s));
    for (size_t i = 0; i < CH_COUNT(macs); i++)
        assert_false(ch_signature_read(a, "sig=(\"date\");created=1", macs[i], &s));
    assert_true(ch_signature_read(a, "sig=(\"date\");created=1;expires=2;nonce=\"n\";tag=\"t\";alg=\"hmac-sha256\"",
                                  "sig=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:", &s));
    assert_int_equal(s.expires, 2);
    assert_string_equal(s.nonce, "n");
}

static void components_without_value(void **state)
{
    struct ch_signature s;
    const char *mac = "sig=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:";

    (void)state;
    assert_true(ch_signature_read(a, "sig=(\"missing\")", mac, &s));
    assert_null(ch_signature_base(a, &s, component, NULL));
    assert_true(ch_signature_read(a, "sig=(\"broken\")", mac, &s));
    assert_null(ch_signature_base(a, &s, component, NULL));
    assert_true(ch_signature_read(a, "sig=()", mac, &s));
    assert_string_equal(ch_signature_base(a, &s, component, NULL), "\"@signature-params\": ()");
}

/* RFC 9530, appendix B.1 and the empty body. */
static void digest_of_a_body(void **state)
{
    (void)state;
    assert_string_equal(ch_signature_content_digest(a, CH_LIT("{\"hello\": \"world\"}\n")),
                        "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
    assert_string_equal(ch_signature_content_digest(a, CH_LIT("")),
                        "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
}

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_example), cmocka_unit_test(worked_example),
        cmocka_unit_test(what_is_not_read),  cmocka_unit_test(components_without_value),
        cmocka_unit_test(digest_of_a_body),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
