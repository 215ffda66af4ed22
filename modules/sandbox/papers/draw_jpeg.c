/* SPDX-License-Identifier: Apache-2.0
 * A sheet as a JPEG, by libjpeg. */
#include "modules/sandbox/papers/draw.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#define QUALITY 88

/* Converts a row to bytes R, G, B; for cairo a pixel is a 32-bit number. */
static void convert_row(const unsigned char *from, JSAMPLE *to, int width)
{
    const uint32_t *pixels = (const void *)from;

    for (int x = 0; x < width; x++) {
        *to++ = (JSAMPLE)(pixels[x] >> 16);
        *to++ = (JSAMPLE)(pixels[x] >> 8);
        *to++ = (JSAMPLE)pixels[x];
    }
}

/* libjpeg's own error handler ends the process, which is acceptable because only memory can run out here. */
struct ch_bytes draw_jpeg(struct ch_arena *a, cairo_t *c)
{
    cairo_surface_t *sheet = cairo_get_target(c);
    int width = cairo_image_surface_get_width(sheet), stride = cairo_image_surface_get_stride(sheet);
    struct jpeg_error_mgr errors;
    struct jpeg_compress_struct jpeg = {.err = jpeg_std_error(&errors)};
    unsigned char *out = NULL;
    unsigned long n = 0;

    cairo_surface_flush(sheet);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &out, &n);
    jpeg.image_width = (JDIMENSION)width;
    jpeg.image_height = (JDIMENSION)cairo_image_surface_get_height(sheet);
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, QUALITY, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    JSAMPLE *row = ch_alloc_array(a, (size_t)width, 3);
    while (jpeg.next_scanline < jpeg.image_height) {
        convert_row(cairo_image_surface_get_data(sheet) + (size_t)jpeg.next_scanline * (size_t)stride, row, width);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    struct ch_bytes picture = ch_bytes_dup(a, CH_BYTES(out, n));
    free(out);
    return picture;
}
