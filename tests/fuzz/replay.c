/* SPDX-License-Identifier: Apache-2.0
 * Runs a fuzz target over its corpus, as TAP: the files of tests/fuzz/<target>.corpus, or those named. A target that ends
 * the process ends the list, which the reader of TAP counts as a failure. */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_BYTES (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned char bytes[INPUT_BYTES];

static int replay(const char *path)
{
    FILE *f = fopen(path, "rb");

    if (f == NULL) {
        printf("# cannot read %s\n", path);
        return -1;
    }
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    unsigned char *exact = malloc(n > 0 ? n : 1); /* of just this size, so that a sanitizer sees its end */
    if (exact == NULL)
        return -1;
    memcpy(exact, bytes, n);
    int rc = LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    return rc;
}

static int visible(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

static int replay_folder(const char *folder, int *count)
{
    struct dirent **names;
    int failed = 0, n = scandir(folder, &names, visible, alphasort);

    for (int i = 0; i < n; i++) {
        char path[PATH_MAX + 1];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        int rc = replay(path);
        printf("%sok %d - %s\n", rc == 0 ? "" : "not ", ++*count, names[i]->d_name);
        fflush(stdout);
        failed += rc != 0;
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return n > 0 ? failed : 1;
}

int main(int argc, char **argv)
{
    const char *top = getenv("TOP_SRCDIR"), *name = strrchr(argv[0], '/');
    int count = 0, failed = 0;

    for (int i = 1; i < argc; i++)
        failed += replay_folder(argv[i], &count);
    if (argc == 1) {
        char folder[PATH_MAX];
        snprintf(folder, sizeof folder, "%s/tests/fuzz/%s.corpus", top != NULL ? top : ".",
                 name != NULL ? name + 1 : argv[0]);
        failed += replay_folder(folder, &count);
    }
    printf("1..%d\n", count);
    return failed != 0;
}
