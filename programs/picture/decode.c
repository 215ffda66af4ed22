/* SPDX-License-Identifier: Apache-2.0
 * Decoding uploaded pictures with gdk-pixbuf. The file's first bytes select one of only four loaders. A picture that announces
 * too much is refused before a loader sees it (core/paper/extent.h); one that is merely large is scaled down before memory is
 * allocated for it. */
#include "programs/picture/picture.h"

#include "core/paper/extent.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DPI_LEAST 72
#define DPI_MOST 2400

static const struct {
    const char *type, *magic;
    size_t n;
} formats[] = {{"jpeg", "\xff\xd8\xff", 3}, {"png", "\x89PNG\r\n\x1a\n", 8}, {"bmp", "BM", 2}, {"gif", "GIF8", 4}};

static const char *type_of(struct ch_bytes file)
{
    for (size_t i = 0; i < CH_COUNT(formats); i++)
        if (file.n > formats[i].n && memcmp(file.p, formats[i].magic, formats[i].n) == 0)
            return formats[i].type;
    return NULL;
}

/* The loader's signal when it knows the size. Setting the size to 0 makes the loader stop. */
static void size_prepared(GdkPixbufLoader *loader, int width, int height, gpointer scale)
{
    double dots = (double)width * height, *by = scale;

    /* The loader may read another size than ch_extent_read has. */
    if (width < 1 || height < 1 || width > CH_EXTENT_SIDE_MAX || height > CH_EXTENT_SIDE_MAX || dots > CH_EXTENT_DOTS_MAX) {
        gdk_pixbuf_loader_set_size(loader, 0, 0);
        return;
    }
    *by = dots > PICTURE_DOTS_MAX ? sqrt(PICTURE_DOTS_MAX / dots) : 1;
    if (*by < 1)
        gdk_pixbuf_loader_set_size(loader, (int)fmax(1, width * *by), (int)fmax(1, height * *by));
}

static double dots_per_mm(GdkPixbuf *p)
{
    const char *x = gdk_pixbuf_get_option(p, "x-dpi"), *y = gdk_pixbuf_get_option(p, "y-dpi");
    int dpi = x != NULL ? atoi(x) : 0;

    /* 72 is what programs write when they do not know the resolution. */
    return y != NULL && atoi(y) == dpi && dpi > DPI_LEAST && dpi <= DPI_MOST ? dpi / 25.4 : 0;
}

/* Copies the picture to RGB rows without gaps; transparent dots become white paper. */
static unsigned char *flatten(struct ch_arena *a, GdkPixbuf *p)
{
    int w = gdk_pixbuf_get_width(p), h = gdk_pixbuf_get_height(p), n = gdk_pixbuf_get_n_channels(p);
    size_t stride = (size_t)gdk_pixbuf_get_rowstride(p);
    const unsigned char *from = gdk_pixbuf_read_pixels(p);
    unsigned char *rgb = ch_alloc_array(a, (size_t)w * (size_t)h, 3), *to = rgb;

    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++, to += 3) {
            const unsigned char *q = from + (size_t)y * stride + (size_t)x * (size_t)n;
            int alpha = n == 4 ? q[3] : 255;
            for (int i = 0; i < 3; i++)
                to[i] = (unsigned char)((q[i] * alpha + 255 * (255 - alpha)) / 255);
        }
    return rgb;
}

static bool is_usable(GdkPixbuf *p)
{
    return p != NULL && gdk_pixbuf_get_colorspace(p) == GDK_COLORSPACE_RGB && gdk_pixbuf_get_bits_per_sample(p) == 8 &&
           (gdk_pixbuf_get_n_channels(p) == 3 || gdk_pixbuf_get_n_channels(p) == 4) &&
           (double)gdk_pixbuf_get_width(p) * gdk_pixbuf_get_height(p) <= 1.01 * PICTURE_DOTS_MAX;
}

static bool load_file(struct ch_arena *a, GdkPixbufLoader *loader, struct ch_bytes file, struct scan *out)
{
    double scale = 1;

    g_signal_connect(loader, "size-prepared", G_CALLBACK(size_prepared), &scale);
    bool whole = gdk_pixbuf_loader_write(loader, file.p, file.n, NULL);
    whole = gdk_pixbuf_loader_close(loader, NULL) && whole; /* it must be closed in any case */
    GdkPixbuf *p = gdk_pixbuf_loader_get_pixbuf(loader);
    if (!whole || !is_usable(p))
        return false;
    *out = (struct scan){gdk_pixbuf_get_width(p), gdk_pixbuf_get_height(p), flatten(a, p), dots_per_mm(p) * scale};
    return true;
}

enum picture_end picture_decode(struct ch_arena *a, struct ch_bytes file, struct scan *out)
{
    struct ch_extent x;
    bool bounded = file.n <= PICTURE_BYTES_MAX && ch_extent_read(file, &x) && ch_extent_wrong(a, &x) == NULL;
    const char *type = bounded ? type_of(file) : NULL;
    GdkPixbufLoader *loader = type != NULL ? gdk_pixbuf_loader_new_with_type(type, NULL) : NULL;

    if (loader == NULL)
        return PICTURE_UNREADABLE;
    bool ok = load_file(a, loader, file, out);
    g_object_unref(loader);
    return ok ? PICTURE_OK : PICTURE_UNREADABLE;
}
