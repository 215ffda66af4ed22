/* SPDX-License-Identifier: Apache-2.0
 * Draws single characters as outlines. They are made at one large size and then scaled, so that hinting does not move them and
 * SVG and PNG look the same. */
#include "core/sealpicture/sealpicture_private.h"

#include <pango/pangocairo.h>
#include <string.h>

#define EM 100.0
#define MIDDLE 0.38 /* centre of an ideograph above its base line, in ems: ascent 0.88, descent 0.12 */
#define NARROW 0.58 /* width of a Latin letter or digit, in ems */

static PangoLayout *layout(cairo_t *c, const char *font, const char *text, size_t n)
{
    PangoLayout *l = pango_cairo_create_layout(c);
    PangoFontDescription *d = pango_font_description_from_string(font);

    pango_font_description_set_absolute_size(d, EM * PANGO_SCALE);
    pango_context_set_language(pango_layout_get_context(l), pango_language_from_string("zh-cn"));
    pango_layout_set_font_description(l, d);
    pango_font_description_free(d);
    pango_layout_set_text(l, text, (int)n);
    return l;
}

void ch__sealpicture_glyph(cairo_t *c, const char *font, const char *text, size_t n, const struct ch__cell *cell)
{
    PangoLayout *l = layout(c, font, text, n);
    PangoRectangle logical;
    const char *p = text;
    double ems = ch__sealpicture_advance(&p);

    pango_layout_get_extents(l, NULL, &logical);
    cairo_save(c);
    cairo_translate(c, cell->x, cell->y);
    cairo_rotate(c, cell->turn);
    cairo_scale(c, cell->width / (EM * ems), cell->height / EM);
    double base = (double)pango_layout_get_baseline(l) / PANGO_SCALE;
    cairo_move_to(c, -(double)logical.width / PANGO_SCALE / 2, EM * MIDDLE - base);
    pango_cairo_layout_path(c, l);
    cairo_fill(c);
    cairo_restore(c);
    g_object_unref(l);
}

bool ch__sealpicture_known(const char *font, const char *text)
{
    cairo_surface_t *s = cairo_recording_surface_create(CAIRO_CONTENT_ALPHA, NULL);
    cairo_t *c = cairo_create(s);
    PangoLayout *l = layout(c, font, text, strlen(text));
    bool known = pango_layout_get_unknown_glyphs_count(l) == 0;

    g_object_unref(l);
    cairo_destroy(c);
    cairo_surface_destroy(s);
    return known;
}

double ch__sealpicture_advance(const char **p)
{
    unsigned char first = (unsigned char)**p;

    *p = g_utf8_next_char(*p);
    return first < 0x80 ? NARROW : 1;
}

double ch__sealpicture_ems(const char *text)
{
    double ems = 0;

    while (*text != '\0')
        ems += ch__sealpicture_advance(&text);
    return ems;
}
