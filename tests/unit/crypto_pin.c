/* SPDX-License-Identifier: Apache-2.0
 * PINs at rest: made, encrypted under keys of their own, put under the next key-encryption key; and the box that carries one to
 * a reader's key. */
#include "core/crypto/box.h"
#include "core/crypto/keyfile.h"
#include "core/crypto/pin.h"

#include "core/base/log.h"
#include "core/base/random.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ORDER "0192f3a0-0000-7000-8000-000000000001"
#define OTHER "0192f3a0-0000-7000-8000-000000000002"

static struct ch_arena *a;
static char dir[] = "/tmp/certhall-pins-XXXXXX";

static char *in_dir(const char *name)
{
    return ch_printf(a, "%s/%s", dir, name);
}

static int make_folder(void **state)
{
    (void)state;
    a = ch_arena_new();
    ch_log_level(CH_ERROR + 1); /* the refusals below are meant */
    return mkdtemp(dir) == NULL;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"pin.key", "pin-2.key", "pin-3.key", "pin-x.key", "pin-4.key.bak"};
    (void)state;
    for (size_t i = 0; i < CH_COUNT(names); i++)
        unlink(in_dir(names[i]));
    rmdir(dir);
    ch_arena_free(a);
    return 0;
}

static void two_kinds(void **state)
{
    char *file = ch_pin_make(a, false), *token = ch_pin_make(a, true);

    (void)state;
    assert_int_equal(strlen(CH_PIN_ALPHABET), 31);
    assert_int_equal(strlen(file), CH_PIN_LENGTH);
    assert_int_equal(strspn(file, CH_PIN_ALPHABET), CH_PIN_LENGTH);
    assert_int_equal(strlen(token), CH_PIN_TOKEN_LENGTH);
    assert_int_equal(strspn(token, CH_PIN_DIGITS), CH_PIN_TOKEN_LENGTH);
    assert_string_not_equal(file, ch_pin_make(a, false));
}

/* Each letter of the alphabet comes as often as the others: chi-square over 31 cells, 30 degrees of freedom, with a
 * bound that chance passes less than once in ten million runs. */
static void letters_are_even(void **state)
{
    enum { PINS = 5000 };
    int seen[31] = {0};
    double chi = 0, expected = PINS * CH_PIN_LENGTH / 31.0;

    (void)state;
    for (int i = 0; i < PINS; i++)
        for (const char *p = ch_pin_make(a, false); *p != '\0'; p++)
            seen[strchr(CH_PIN_ALPHABET, *p) - CH_PIN_ALPHABET]++;
    for (size_t i = 0; i < CH_COUNT(seen); i++)
        chi += (seen[i] - expected) * (seen[i] - expected) / expected;
    assert_true(chi < 90);
}

static void files_are_numbered(void **state)
{
    const char *path = in_dir("pin.key");
    struct ch_pin pin;

    (void)state;
    assert_int_equal(ch_pin_kek(path), 0);
    assert_false(ch_pin_encrypt(a, path, ORDER, 1, "ABCDEFGHJKMN", &pin)); /* without a key there is no PIN */
    assert_int_equal(ch_pin_kek_make(path), 1);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(ch_pin_kek_make(path), 2);
    assert_true(ch_keyfile_make(in_dir("pin-x.key"), 0400) && ch_keyfile_make(in_dir("pin-4.key.bak"), 0400));
    assert_int_equal(ch_pin_kek(path), 2); /* other files are no keys */
    assert_int_equal(ch_pin_kek("/tmp/certhall-no-such-folder/pin.key"), 0);
    assert_int_equal(ch_pin_kek_make("/tmp/certhall-no-such-folder/pin.key"), 0);
}

static struct ch_bytes turned(struct ch_bytes b, size_t at)
{
    unsigned char *copy = ch_alloc(a, b.n);

    memcpy(copy, b.p, b.n);
    copy[at] ^= 1;
    return CH_BYTES(copy, b.n);
}

static void open_for_their_own_order_only(void **state)
{
    const char *path = in_dir("pin.key");
    struct ch_pin pin, other;

    (void)state;
    assert_true(ch_pin_encrypt(a, path, ORDER, 1, "ABCDEFGHJKMN", &pin) &&
                ch_pin_encrypt(a, path, OTHER, 1, "23456789", &other));
    assert_int_equal(pin.kek, 2);
    assert_string_equal(ch_pin_decrypt(a, path, ORDER, 1, &pin), "ABCDEFGHJKMN");
    assert_string_equal(ch_pin_decrypt(a, path, OTHER, 1, &other), "23456789");
    assert_null(ch_pin_decrypt(a, path, OTHER, 1, &pin));
    assert_null(ch_pin_decrypt(a, path, ORDER, 2, &pin));
    assert_null(ch_pin_decrypt(a, path, ORDER, 1, &(struct ch_pin){pin.encrypted, other.key, pin.kek}));
    assert_null(ch_pin_decrypt(a, path, ORDER, 1, &(struct ch_pin){other.encrypted, pin.key, pin.kek}));
    assert_null(ch_pin_decrypt(a, path, ORDER, 1, &(struct ch_pin){pin.encrypted, pin.key, 1}));
    assert_null(ch_pin_decrypt(a, path, ORDER, 1, &(struct ch_pin){pin.encrypted, pin.key, 9}));
    for (size_t i = 0; i < pin.encrypted.n; i++)
        assert_null(ch_pin_decrypt(a, path, ORDER, 1, &(struct ch_pin){turned(pin.encrypted, i), pin.key, pin.kek}));
    for (size_t i = 0; i < pin.key.n; i++)
        assert_null(ch_pin_decrypt(a, path, ORDER, 1, &(struct ch_pin){pin.encrypted, turned(pin.key, i), pin.kek}));
    for (size_t n = 0; n < pin.key.n; n++)
        assert_null(ch_pin_decrypt(a, path, ORDER, 1, &(struct ch_pin){pin.encrypted, CH_BYTES(pin.key.p, n), pin.kek}));
    for (size_t n = 0; n < pin.encrypted.n; n++)
        assert_null(ch_pin_decrypt(a, path, ORDER, 1, &(struct ch_pin){CH_BYTES(pin.encrypted.p, n), pin.key, pin.kek}));
    assert_true(ch_pin_encrypt(a, path, ORDER, 1, "not a PIN!!!", &pin));
    assert_null(ch_pin_decrypt(a, path, ORDER, 1, &pin));
}

/* Encrypted under key-encryption key 1 itself, as it was before PINs had keys of their own. */
static struct ch_pin encrypted_of_old(const char *path)
{
    unsigned char key[CH_AES_KEY];

    assert_true(ch_keyfile_read(path, key));
    return (struct ch_pin){.encrypted = ch_gcm_pack(a, key, CH_LIT("pin|" ORDER "|3"), CH_LIT("ABCDEFGHJKMN")), .kek = 1};
}

static void rewrapped_then_the_old_key_is_not_needed(void **state)
{
    const char *path = in_dir("pin.key");
    struct ch_pin pin, next, old = encrypted_of_old(path), renewed;

    (void)state;
    assert_true(ch_pin_encrypt(a, path, ORDER, 1, "ABCDEFGHJKMN", &pin));
    assert_string_equal(ch_pin_decrypt(a, path, ORDER, 3, &old), "ABCDEFGHJKMN");
    assert_int_equal(ch_pin_kek_make(path), 3);
    assert_true(ch_pin_rewrap(a, path, ORDER, 1, &pin, &next));
    assert_int_equal(next.kek, 3);
    assert_ptr_equal(next.encrypted.p, pin.encrypted.p); /* only the key is wrapped anew */
    assert_true(ch_pin_rewrap(a, path, ORDER, 3, &old, &renewed));
    assert_non_null(renewed.key.p);
    assert_false(ch_pin_rewrap(a, path, OTHER, 1, &pin, &next));
    assert_true(ch_pin_rewrap(a, path, ORDER, 1, &pin, &next));
    unlink(path);
    unlink(in_dir("pin-2.key"));
    assert_string_equal(ch_pin_decrypt(a, path, ORDER, 1, &next), "ABCDEFGHJKMN");
    assert_string_equal(ch_pin_decrypt(a, path, ORDER, 3, &renewed), "ABCDEFGHJKMN");
    assert_null(ch_pin_decrypt(a, path, ORDER, 1, &pin));
    assert_null(ch_pin_decrypt(a, path, ORDER, 3, &old));
    assert_false(ch_pin_rewrap(a, path, ORDER, 1, &pin, &next));
}

static struct ch_bytes public_of(EVP_PKEY *key)
{
    unsigned char *out = ch_alloc(a, CH_BOX_KEY);
    size_t n;

    assert_int_equal(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, out, CH_BOX_KEY, &n), 1);
    return CH_BYTES(out, n);
}

static void boxes_open_for_their_reader(void **state)
{
    EVP_PKEY *reader = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
    struct ch_bytes box, plain;

    (void)state;
    assert_true(ch_box_encrypt(a, public_of(reader), "p|1", CH_LIT("12345678"), &box));
    assert_true(ch_box_decrypt(a, reader, "p|1", box, &plain));
    assert_string_equal((const char *)plain.p, "12345678");
    assert_false(ch_box_decrypt(a, reader, "p|2", box, &plain));
    assert_false(ch_box_decrypt(a, other, "p|1", box, &plain));
    for (size_t i = 0; i < box.n; i++)
        assert_false(ch_box_decrypt(a, reader, "p|1", turned(box, i), &plain));
    for (size_t n = 0; n < box.n; n++)
        assert_false(ch_box_decrypt(a, reader, "p|1", CH_BYTES(box.p, n), &plain));
    EVP_PKEY_free(reader);
    EVP_PKEY_free(other);
}

static void boxes_for_no_key_are_not_made(void **state)
{
    EVP_PKEY *reader = EVP_EC_gen("P-256");
    struct ch_bytes box, key = public_of(reader);
    unsigned char zero[CH_BOX_KEY] = {4};

    (void)state;
    assert_false(ch_box_encrypt(a, CH_BYTES(zero, sizeof zero), "p", CH_LIT("x"), &box)); /* not on the curve */
    assert_false(ch_box_encrypt(a, turned(key, 40), "p", CH_LIT("x"), &box));
    assert_false(ch_box_encrypt(a, turned(key, 0), "p", CH_LIT("x"), &box));
    for (size_t n = 0; n < key.n; n++)
        assert_false(ch_box_encrypt(a, CH_BYTES(key.p, n), "p", CH_LIT("x"), &box));
    EVP_PKEY_free(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_kinds),
        cmocka_unit_test(letters_are_even),
        cmocka_unit_test(files_are_numbered),
        cmocka_unit_test(open_for_their_own_order_only),
        cmocka_unit_test(rewrapped_then_the_old_key_is_not_needed),
        cmocka_unit_test(boxes_open_for_their_reader),
        cmocka_unit_test(boxes_for_no_key_are_not_made),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
