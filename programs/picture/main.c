/* SPDX-License-Identifier: Apache-2.0
 * certhall-picture KIND MILLIMETRES DEGREES NTH reads a scanned page on standard input and writes the stamp in it to standard
 * output:
 *
 *     ok WIDTH HEIGHT\n and a PNG      or      no WORD\n
 *
 * certhall-picture check reads a paper on standard input and writes the verdict on it to standard output (picture_said).
 *
 * Before the first byte is read, the process has given up all rights that it does not need (sandbox.h). */
#include "programs/picture/picture.h"
#include "programs/picture/sandbox.h"

#include "core/base/version.h"
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <math.h>
#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The smallest possible pictures. Decoding them makes the libraries load their modules before the sandbox forbids it. */
static const unsigned char tiny_gif[] =
    "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\4\0\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";
static const unsigned char tiny_bmp[] =
    "BM:\0\0\0\0\0\0\0\x36\0\0\0(\0\0\0\1\0\0\0\1\0\0\0\1\0\x18\0\0\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\0\0\xff\xff\xff\0";

static void load_decoders(void)
{
    static const struct ch_bytes tiny[] = {CH_LIT(tiny_gif), CH_LIT(tiny_bmp)};
    static const char *const built_in[] = {"jpeg", "png"};
    struct ch_arena *a = ch_arena_new();
    struct scan scan;

    for (size_t i = 0; i < CH_COUNT(tiny); i++)
        if (picture_decode(a, tiny[i], &scan) != PICTURE_OK)
            fprintf(stderr, "certhall-picture: decoder %zu is not there\n", i);
    for (size_t i = 0; i < CH_COUNT(built_in); i++) {
        GdkPixbufLoader *loader = gdk_pixbuf_loader_new_with_type(built_in[i], NULL);
        if (loader != NULL) {
            gdk_pixbuf_loader_close(loader, NULL);
            g_object_unref(loader);
        }
    }
    ch_arena_free(a);
}

/* A page with a word in a font that the file does not contain. */
static const char tiny_pdf[] =
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
    "4 0 obj<</Length 32>>stream\nBT /F 12 Tf 9 36 Td (word) Tj ET\nendstream endobj\n"
    "5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

/* Reads one code, because the reader loads its tables of characters with the first. */
static void load_code_reader(struct ch_arena *a)
{
    QRcode *q = QRcode_encodeString8bit("CH1|0", 0, QR_ECLEVEL_M);
    const char *codes[PAPER_CODES_MAX];
    int dot = 4, margin = 16;

    if (q == NULL)
        return;
    struct grey g = {q->width * dot + 2 * margin, q->width * dot + 2 * margin, NULL};
    g.dots = ch_alloc(a, (size_t)g.width * (size_t)g.height);
    memset(g.dots, 255, (size_t)g.width * (size_t)g.height);
    for (int y = 0; y < q->width * dot; y++)
        for (int x = 0; x < q->width * dot; x++)
            if (q->data[y / dot * q->width + x / dot] & 1)
                g.dots[(size_t)(y + margin) * (size_t)g.width + (size_t)(x + margin)] = 0;
    if (picture_codes(a, &g, codes, 0) != 1)
        fprintf(stderr, "certhall-picture: codes are not read\n");
    QRcode_free(q);
}

static void load_paper_readers(void)
{
    struct ch_arena *a = ch_arena_new();
    struct scan pages[PAPER_PAGES_MAX];

    if (picture_pdf(a, CH_BYTES(tiny_pdf, sizeof tiny_pdf - 1), pages) != 1)
        fprintf(stderr, "certhall-picture: PDFs are not read\n");
    load_code_reader(a);
    ch_arena_free(a);
}

static struct ch_bytes read_input(struct ch_arena *a)
{
    unsigned char *p = ch_alloc(a, PICTURE_BYTES_MAX + 1);
    size_t n = 0;
    ssize_t k;

    while (n <= PICTURE_BYTES_MAX && (k = read(STDIN_FILENO, p + n, PICTURE_BYTES_MAX + 1 - n)) > 0)
        n += (size_t)k;
    return CH_BYTES(p, n);
}

static bool write_output(struct ch_bytes b)
{
    ssize_t k = 0;

    while (b.n > 0 && (k = write(STDOUT_FILENO, b.p, b.n)) > 0)
        b = CH_BYTES(b.p + k, b.n - (size_t)k);
    return b.n == 0;
}

static bool cut_stamp(struct ch_arena *a, const struct wish *w)
{
    struct scan scan;
    struct cutting cut;
    enum picture_end e = picture_decode(a, read_input(a), &scan);

    if (e == PICTURE_OK)
        e = picture_cut(a, &scan, w, &cut);
    char *said = e == PICTURE_OK ? ch_printf(a, "ok %d %d\n", cut.mm, cut.mm) : ch_printf(a, "no %s\n", picture_word(e));
    if (e != PICTURE_OK)
        return write_output(CH_BYTES(said, strlen(said)));
    struct ch_bytes png = ch_png(a, &cut.pixels, cut.dots_per_mm);
    return png.p != NULL && write_output(CH_BYTES(said, strlen(said))) && write_output(png);
}

static bool check_paper(struct ch_arena *a)
{
    struct verdict v;
    enum picture_end e = picture_check(a, read_input(a), &v);
    char *said = picture_said(a, e, &v);

    return write_output(CH_BYTES(said, strlen(said)));
}

int main(int argc, char **argv)
{
    bool whole = argc == 2 && strcmp(argv[1], "check") == 0;
    const struct wish *kind = argc == 5 ? picture_kind(argv[1]) : NULL;
    struct wish w = {0};

    if (ch_version_asked(argc, argv))
        return 0;
    if (!whole && kind == NULL) {
        fprintf(stderr, "usage: certhall-picture unit|person MILLIMETRES DEGREES NTH < SCAN\n"
                        "       certhall-picture check < PAPER\n");
        return 2;
    }
    if (kind != NULL) {
        w = *kind;
        w.mm = atoi(argv[2]);
        w.turn = atoi(argv[3]) * M_PI / 180;
        w.nth = atoi(argv[4]);
    }
    load_decoders();
    if (whole)
        load_paper_readers();
    if (w.mm < 0 || w.mm > 80 || !picture_sandbox_enter()) {
        fprintf(stderr, "certhall-picture: the sandbox could not be entered\n");
        return 1;
    }
    struct ch_arena *a = ch_arena_new();
    bool ok = whole ? check_paper(a) : cut_stamp(a, &w);
    ch_arena_free(a);
    return ok ? 0 : 1;
}
