/* SPDX-License-Identifier: Apache-2.0
 * The note in a picture's bytes: put in, read back, and never read beyond the end. */
#include "modules/sandbox/papers/picture.h"

#include "core/base/buf.h"
#include "core/base/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct ch_arena *a;

/* The smallest PNG there is: one grey pixel. */
static const char png_hex[] = "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
                              "3a7e9b550000000a49444154789c6360000000020001e221bc330000000049454e44ae426082";

static const char note[] = "{\"paper\":\"idcard-front\",\"Name\":\"张三\"}";

static struct ch_bytes with_note(void)
{
    struct ch_bytes png;

    assert_true(ch_unhex(a, png_hex, &png));
    return picture_with_note(a, png, note);
}

static struct ch_bytes jpeg(const char *keyword)
{
    const char *text = ch_base64(a, CH_LIT(note));
    size_t n = strlen(keyword) + 1 + strlen(text) + 2;
    struct ch_buf b;

    ch_buf_init(&b, a);
    ch_buf_add(&b, "\xff\xd8\xff\xe0\x00\x04zz\xff\xfe", 10);
    ch_buf_putc(&b, (char)(n >> 8));
    ch_buf_putc(&b, (char)n);
    ch_buf_add(&b, keyword, strlen(keyword) + 1);
    ch_buf_puts(&b, text);
    ch_buf_add(&b, "\xff\xda\x00\x02", 4);
    return ch_buf_bytes(&b);
}

static void png_keeps_a_note(void **state)
{
    struct ch_bytes png, marked = with_note();

    (void)state;
    assert_true(picture_known(marked));
    assert_string_equal(picture_note(a, marked), note);
    assert_true(ch_unhex(a, png_hex, &png));
    assert_null(picture_note(a, png));
}

/* CRC of the chunk as another program computed it: python's zlib.crc32(b"tEXtCerthall\0aGk=") = 0x310990dc is what a
 * note "hi" must carry; a reader that checks would refuse the picture otherwise. */
static void chunk_has_a_right_crc(void **state)
{
    struct ch_bytes png, marked;
    static const unsigned char crc[4] = {0x31, 0x09, 0x90, 0xdc};

    (void)state;
    assert_true(ch_unhex(a, png_hex, &png));
    marked = picture_with_note(a, png, "hi");
    assert_memory_equal(marked.p + 33 + 8 + 13, crc, sizeof crc);
}

static void jpeg_keeps_a_note(void **state)
{
    (void)state;
    assert_string_equal(picture_note(a, jpeg("Certhall")), note);
    assert_null(picture_note(a, jpeg("Photoshop")));
}

static void a_note_is_put_into_a_jpeg(void **state)
{
    static const char bare[] = "\xff\xd8\xff\xe0\x00\x04zz\xff\xda\x00\x02";
    struct ch_bytes marked = picture_with_note(a, CH_LIT(bare), note), whole = jpeg("Certhall");

    (void)state;
    assert_int_equal(marked.n, whole.n);
    assert_memory_equal(marked.p, whole.p, whole.n);
    char *longest = ch_alloc(a, 60001);
    memset(longest, 'x', 60000);
    assert_int_equal(picture_with_note(a, CH_LIT(bare), longest).n, sizeof bare - 1);
    assert_int_equal(picture_with_note(a,
                                       CH_LIT("\xff\xd8\xff\xe0\xff\xff"
                                              "12"),
                                       note)
                         .n,
                     8);
}

/* Each beginning is in a block of just its size, so that a sanitizer sees a read beyond it. */
static void cut_short(struct ch_bytes whole)
{
    for (size_t n = 0; n < whole.n; n++) {
        unsigned char *p = malloc(n > 0 ? n : 1);
        assert_non_null(p);
        memcpy(p, whole.p, n);
        const char *read = picture_note(a, CH_BYTES(p, n));
        assert_true(read == NULL || strcmp(read, note) == 0);
        free(p);
    }
}

static void cut_pictures(void **state)
{
    (void)state;
    cut_short(with_note());
    cut_short(jpeg("Certhall"));
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
        cmocka_unit_test(png_keeps_a_note),  cmocka_unit_test(chunk_has_a_right_crc),
        cmocka_unit_test(jpeg_keeps_a_note), cmocka_unit_test(a_note_is_put_into_a_jpeg),
        cmocka_unit_test(cut_pictures),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
