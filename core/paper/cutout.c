/* SPDX-License-Identifier: Apache-2.0
 * Calls certhall-picture to cut out an impression, and checks its answer. */
#include "core/paper/cutout.h"

#include "core/format/png.h"
#include "core/paper/picture.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* The program's words for scans without a usable stamp (programs/picture/picture.h), as sentences for people. */
static const struct {
    const char *word, *sentence;
} refusals[] = {
    {"unreadable", "图片无法读取，请重新扫描后上传。"},
    {"none", "没有在扫描件中找到红色印章，请上传清晰的彩色扫描件。"},
    {"small", "扫描件中的印章太小，请提高扫描分辨率（建议 300 DPI）后重新上传。"},
    {"blurred", "扫描件中的印章不够清晰，请重新盖章、扫描后上传。"},
    {"cut", "扫描件中的印章不完整，请将印章完整地扫描在页面内。"},
    {"shape", "扫描件中的红色部分不是规则的印章，请在空白处单独盖章、扫描后上传。"},
};

static atomic_int running;

static enum ch_err refuse_scan(struct ch_fault *f, const char *word)
{
    for (size_t i = 0; i < CH_COUNT(refusals); i++)
        if (strcmp(refusals[i].word, word) == 0)
            return ch_refuse(f, CH_E_INVALID, "/sealpicture", refusals[i].sentence);
    return ch_fault(f, CH_E_INTERNAL, "certhall-picture gave an unknown answer");
}

/* Reads "ok <width> <height>\n" followed by a PNG, or "no <word>\n". */
static enum ch_err read_answer(struct ch_fault *f, struct ch_buf *b, struct ch_sealpicture *out)
{
    char word[16] = "";
    int used = 0, w, h, pw, ph;

    if (sscanf(b->p, "no %15s", word) == 1)
        return refuse_scan(f, word);
    if (sscanf(b->p, "ok %d %d%n", &w, &h, &used) != 2 || b->p[used] != '\n')
        return ch_fault(f, CH_E_INTERNAL, "certhall-picture gave no answer");
    struct ch_bytes png = CH_BYTES(b->p + used + 1, b->n - (size_t)used - 1);
    if (!ch_png_mm(png, &pw, &ph) || pw != w || ph != h || w < 5 || w > CH_CUTOUT_MM_MAX || h < 5 || h > CH_CUTOUT_MM_MAX)
        return ch_fault(f, CH_E_INTERNAL, "certhall-picture gave a picture of another size");
    *out = (struct ch_sealpicture){.png = png, .width = w, .height = h};
    return CH_OK;
}

static enum ch_err cut_out(struct ch_arena *a, struct ch_fault *f, const struct ch_cutout *want, struct ch_sealpicture *out)
{
    const char *const words[] = {want->kind, ch_printf(a, "%d", want->mm), ch_printf(a, "%d", want->turn),
                                 ch_printf(a, "%d", want->nth), NULL};
    const struct ch_picture_ask ask = {words, want->file, CH_CUTOUT_BYTES + 256, CH_CUTOUT_MS};
    struct ch_buf answer;
    enum ch_err e = ch_picture(a, f, &ask, &answer);

    if (e == CH_E_UNAVAILABLE)
        ch_refuse(f, CH_E_UNAVAILABLE, NULL, "图片处理没有完成，请换一张较小、清晰的扫描件重试。");
    return e == CH_OK ? read_answer(f, &answer, out) : e;
}

enum ch_err ch_cutout(struct ch_arena *a, struct ch_fault *f, const struct ch_cutout *want, struct ch_sealpicture *out)
{
    enum ch_err e;

    if (atomic_fetch_add(&running, 1) < CH_CUTOUT_AT_ONCE)
        e = cut_out(a, f, want, out);
    else
        e = ch_refuse(f, CH_E_UNAVAILABLE, NULL, "正在处理的图片较多，请稍候再试。");
    atomic_fetch_sub(&running, 1);
    return e;
}
