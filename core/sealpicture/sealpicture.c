/* SPDX-License-Identifier: Apache-2.0
 * Checks the words of a seal and draws it as SVG and as PNG. */
#include "core/sealpicture/sealpicture_private.h"

#include "core/base/buf.h"
#include "core/base/codec.h"
#include "core/format/png.h"

#include <cairo-svg.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#define DOTS_PER_MM (CH_SEALPICTURE_DPI / 25.4)

static const struct kind {
    const char *word;
    double width, height; /* millimetres */
    size_t longest;       /* name, in characters */
    void (*draw)(cairo_t *c, const struct ch_sealpicture_words *s, double size);
} kinds[] = {
    {"unit", 40, 40, CH_SEALPICTURE_NAME_MAX, ch__sealpicture_round},
    {"business", 40, 40, CH_SEALPICTURE_NAME_MAX, ch__sealpicture_round},
    {"person", 20, 20, CH_SEALPICTURE_PERSON_MAX, ch__sealpicture_square},
};

static const struct kind *find_kind(const char *word)
{
    for (size_t i = 0; i < CH_COUNT(kinds); i++)
        if (strcmp(kinds[i].word, word) == 0)
            return &kinds[i];
    return NULL;
}

static bool short_enough(const char *text, size_t longest)
{
    size_t points = 0;

    return text == NULL || (ch_utf8(text, strlen(text), &points) && points <= longest);
}

/* The sentence about words that cannot be drawn, or NULL. */
static const char *fault_of_words(const struct kind *k, const struct ch_sealpicture_words *s)
{
    if (s->name == NULL || s->name[0] == '\0')
        return "请先填写名称，再预览印章样式。";
    if (!short_enough(s->name, k->longest) || !short_enough(s->line, CH_SEALPICTURE_LINE_MAX))
        return "名称太长，无法自动生成印章样式，请联系客服办理。";
    if (!ch__sealpicture_known(CH__SERIF, s->name) || (s->line != NULL && !ch__sealpicture_known(CH__SERIF, s->line)))
        return "名称中有字库没有收录的字，无法自动生成印章样式，请上传印模或联系客服办理。";
    return NULL;
}

static void draw_seal(cairo_t *c, const struct kind *k, const struct ch_sealpicture_words *s)
{
    cairo_translate(c, k->width / 2, k->height / 2);
    cairo_set_source_rgb(c, 0.84, 0, 0.06);
    k->draw(c, s, k->width);
}

static cairo_status_t append_to_buf(void *ctx, const unsigned char *data, unsigned n)
{
    ch_buf_add(ctx, data, n);
    return CAIRO_STATUS_SUCCESS;
}

static bool draw_svg(struct ch_arena *a, const struct kind *k, const struct ch_sealpicture_words *s, struct ch_bytes *out)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    cairo_surface_t *surface = cairo_svg_surface_create_for_stream(append_to_buf, &b, k->width, k->height);
    cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_MM);
    cairo_t *c = cairo_create(surface);
    draw_seal(c, k, s);
    cairo_destroy(c);
    cairo_surface_finish(surface);
    bool ok = cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
    cairo_surface_destroy(surface);
    *out = ch_buf_bytes(&b);
    return ok;
}

/* Converts cairo's premultiplied, native-endian pixels to those of a PNG. */
static struct ch_pixels plain_pixels(struct ch_arena *a, cairo_surface_t *surface)
{
    int w = cairo_image_surface_get_width(surface), h = cairo_image_surface_get_height(surface);
    int stride = cairo_image_surface_get_stride(surface);
    const unsigned char *data = cairo_image_surface_get_data(surface);
    struct ch_pixels p = {w, h, ch_alloc_array(a, (size_t)w * (size_t)h, 4)};
    unsigned char *out = p.rgba;

    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++, out += 4) {
            uint32_t v, alpha;
            memcpy(&v, data + (size_t)y * (size_t)stride + (size_t)x * 4, 4);
            alpha = v >> 24;
            for (int i = 0; alpha > 0 && i < 3; i++)
                out[i] = (unsigned char)(((v >> (16 - 8 * i) & 0xff) * 255 + alpha / 2) / alpha);
            out[3] = (unsigned char)alpha;
        }
    return p;
}

static bool draw_png(struct ch_arena *a, const struct kind *k, const struct ch_sealpicture_words *s, struct ch_bytes *out)
{
    int w = (int)lround(k->width * DOTS_PER_MM), h = (int)lround(k->height * DOTS_PER_MM);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, w, h);
    cairo_t *c = cairo_create(surface);

    cairo_scale(c, w / k->width, h / k->height);
    draw_seal(c, k, s);
    cairo_destroy(c);
    cairo_surface_flush(surface);
    *out = CH_BYTES(NULL, 0);
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS) {
        struct ch_pixels p = plain_pixels(a, surface);
        *out = ch_png(a, &p, DOTS_PER_MM);
    }
    cairo_surface_destroy(surface);
    return out->p != NULL;
}

enum ch_err ch_sealpicture_draw(struct ch_arena *a, struct ch_fault *f, const struct ch_sealpicture_words *words,
                                struct ch_sealpicture *out)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER; /* fonts take much memory */
    const struct kind *k = find_kind(words->kind);

    if (k == NULL)
        return ch_fault(f, CH_E_INTERNAL, "no seal of kind %s is drawn", words->kind);
    const char *wrong = fault_of_words(k, words);
    if (wrong != NULL)
        return ch_refuse(f, CH_E_INVALID, "/sealpicture", wrong);
    *out = (struct ch_sealpicture){.width = (int)k->width, .height = (int)k->height};
    pthread_mutex_lock(&one_at_a_time);
    bool drawn = draw_svg(a, k, words, &out->svg) && draw_png(a, k, words, &out->png);
    pthread_mutex_unlock(&one_at_a_time);
    return drawn ? CH_OK : ch_fault(f, CH_E_INTERNAL, "drawing the seal failed");
}
