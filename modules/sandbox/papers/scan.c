/* SPDX-License-Identifier: Apache-2.0
 * Colour scans of the sheets of a form that was printed. poppler's pdftocairo converts the PDF into pictures in a process of its own, so
 * that a malicious file cannot harm the module. */
#include "modules/sandbox/papers/paper.h"

#include "core/json/json.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_PAGES 9
#define DPI "110"
#define LIMIT_SECONDS "10"

/* An empty folder of our own, removed with everything in it when the arena is reset. */
struct folder {
    char path[PATH_MAX];
};

static void remove_folder(void *ctx)
{
    struct folder *f = ctx;
    DIR *d = opendir(f->path);

    if (d == NULL)
        return;
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        if (e->d_name[0] != '.')
            unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    rmdir(f->path);
}

static struct folder *make_folder(struct ch_arena *a)
{
    const char *home = getenv("HOME"); /* no program of the hall sees /tmp (core/base/harden.h) */
    struct folder *f = CH_NEW(a, struct folder);

    snprintf(f->path, sizeof f->path, "%s/scan-XXXXXX", home != NULL ? home : "");
    if (mkdtemp(f->path) == NULL)
        return NULL;
    ch_defer(a, remove_folder, f);
    return f;
}

static bool write_file(const char *path, struct ch_bytes b)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, b.p, b.n) == (ssize_t)b.n;

    if (fd >= 0)
        close(fd);
    return ok;
}

/* The command timeout ends a conversion that takes too long. */
static bool convert_pdf(struct ch_arena *a, const char *folder)
{
    char *pdf = ch_printf(a, "%s/form.pdf", folder), *out = ch_printf(a, "%s/page", folder);
    const char *const argv[] = {"timeout", LIMIT_SECONDS, "pdftocairo", "-png", "-r", DPI, "-l", "9", pdf, out, NULL};
    posix_spawn_file_actions_t quiet;
    pid_t pid;
    int status = -1;

    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
    int rc = posix_spawnp(&pid, argv[0], &quiet, NULL, (char *const *)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&quiet);
    while (rc == 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return rc == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void end_page(void *s)
{
    cairo_surface_destroy(s);
}

/* Loads the pages in order; returns their number. */
static int load_pages(struct ch_arena *a, const char *folder, cairo_surface_t *pages[MAX_PAGES])
{
    int n = 0;

    for (int i = 1; i <= MAX_PAGES; i++) {
        cairo_surface_t *s = cairo_image_surface_create_from_png(ch_printf(a, "%s/page-%d.png", folder, i));
        ch_defer(a, end_page, s);
        if (cairo_surface_status(s) == CAIRO_STATUS_SUCCESS)
            pages[n++] = s;
    }
    return n;
}

/* A page, a little askew as on a real scanner. */
static cairo_t *scan_page(struct ch_arena *a, cairo_surface_t *page)
{
    cairo_t *c = draw_sheet(a, cairo_image_surface_get_width(page), cairo_image_surface_get_height(page),
                            (struct ink){0.985, 0.98, 0.965});

    cairo_save(c);
    cairo_rotate(c, 0.003);
    cairo_set_source_surface(c, page, 0, 0);
    cairo_set_operator(c, CAIRO_OPERATOR_MULTIPLY);
    cairo_paint(c);
    cairo_restore(c);
    return c;
}

int paper_scan(struct ch_arena *a, struct ch_bytes pdf, int sheet, const struct paper_facts *f, struct paper *out)
{
    cairo_surface_t *pages[MAX_PAGES];
    struct folder *folder = make_folder(a);
    struct ch_jw w;

    if (folder == NULL || !write_file(ch_printf(a, "%s/form.pdf", folder->path), pdf) || !convert_pdf(a, folder->path))
        return 0;
    int n = load_pages(a, folder->path, pages);
    if (sheet > n)
        return n;
    cairo_t *c = scan_page(a, pages[sheet - 1]);
    double width = cairo_image_surface_get_width(cairo_get_target(c));
    if (!f->plain && f->framed && sheet == 1) /* in the middle of the first frame that core/paper/pdf.c draws below a single row */
        draw_stamp(c, width * 0.285, width * 0.475, width * 0.1, f->unit_name);
    if (!f->plain && sheet == n && !f->framed) {
        draw_stamp(c, width * 0.74, width * 1.17, width * 0.115, f->unit_name);
        draw_signature(c, width * 0.22, width * 1.15, width * 0.04, f->agent_name);
    }
    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "paper", "form");
    ch_jw_text(&w, "Name", f->unit_name);
    ch_jw_end_object(&w);
    *out = (struct paper){c, ch_jw_done(&w)};
    return n;
}
