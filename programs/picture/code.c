/* SPDX-License-Identifier: Apache-2.0
 * Reading the QR codes of a page with zbar. Only codes that the hall itself prints are reported. */
#include "programs/picture/picture.h"

#include <string.h>
#include <zbar.h>

#define OURS "CH1|"
#define FORMAT (('Y') | ('8' << 8) | ('0' << 16) | ((unsigned long)'0' << 24)) /* one byte for each dot */

static bool is_ours(const char *s, size_t n)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz|";

    if (n < sizeof OURS || n > PAPER_CODE_MAX || memcmp(s, OURS, sizeof OURS - 1) != 0)
        return false;
    for (size_t i = 0; i < n; i++)
        if (s[i] == '\0' || strchr(letters, s[i]) == NULL)
            return false;
    return true;
}

static bool has_code(const char *const *codes, size_t n, const char *code)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(codes[i], code) == 0)
            return true;
    return false;
}

static size_t add_codes(struct ch_arena *a, const zbar_image_t *image, const char *codes[PAPER_CODES_MAX], size_t n)
{
    for (const zbar_symbol_t *s = zbar_image_first_symbol(image); s != NULL && n < PAPER_CODES_MAX;
         s = zbar_symbol_next(s)) {
        const char *data = zbar_symbol_get_data(s);
        size_t length = zbar_symbol_get_data_length(s);
        if (zbar_symbol_get_type(s) != ZBAR_QRCODE || data == NULL || !is_ours(data, length))
            continue;
        char *code = ch_strndup(a, data, length);
        if (!has_code(codes, n, code))
            codes[n++] = code;
    }
    return n;
}

size_t picture_codes(struct ch_arena *a, const struct grey *g, const char *codes[PAPER_CODES_MAX], size_t n)
{
    zbar_image_scanner_t *scanner = zbar_image_scanner_create();
    zbar_image_t *image = zbar_image_create();

    zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
    zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
    zbar_image_set_format(image, FORMAT);
    zbar_image_set_size(image, (unsigned)g->width, (unsigned)g->height);
    zbar_image_set_data(image, g->dots, (unsigned long)g->width * (unsigned long)g->height, NULL); /* NULL: zbar does not free it */
    if (zbar_scan_image(scanner, image) > 0)
        n = add_codes(a, image, codes, n);
    zbar_image_destroy(image);
    zbar_image_scanner_destroy(scanner);
    return n;
}
