/* SPDX-License-Identifier: Apache-2.0
 * Recognizes file types by libmagic and by their first bytes. */
#include "core/paper/filetype.h"

#include <magic.h>
#include <pthread.h>
#include <string.h>

static const struct {
    const char *mime;     /* the hall's name */
    const char *magic;    /* libmagic's name */
    struct ch_bytes head; /* first bytes */
} types[] = {
    {"image/jpeg", "image/jpeg", {(const unsigned char *)"\xff\xd8\xff", 3}},
    {"image/png", "image/png", {(const unsigned char *)"\x89PNG\r\n\x1a\n", 8}},
    {"image/gif", "image/gif", {(const unsigned char *)"GIF8", 4}},
    {"image/bmp", "image/bmp", {(const unsigned char *)"BM", 2}},
    {"image/bmp", "image/x-ms-bmp", {(const unsigned char *)"BM", 2}},
    {"application/pdf", "application/pdf", {(const unsigned char *)"%PDF-1.", 7}},
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* a magic_t is for one thread at a time */

/* Copies libmagic's MIME type of the bytes. False when libmagic fails. */
static bool ask_magic(struct ch_bytes file, char out[64])
{
    static magic_t magic;

    pthread_mutex_lock(&lock);
    if (magic == NULL && (magic = magic_open(MAGIC_MIME_TYPE)) != NULL && magic_load(magic, NULL) != 0) {
        magic_close(magic);
        magic = NULL;
    }
    const char *word = magic != NULL ? magic_buffer(magic, file.p, file.n) : NULL;
    if (word != NULL)
        strncpy(out, word, 63);
    pthread_mutex_unlock(&lock);
    return word != NULL;
}

const char *ch_filetype(struct ch_bytes file)
{
    char word[64] = "";

    if (!ask_magic(file, word))
        return NULL;
    for (size_t i = 0; i < CH_COUNT(types); i++)
        if (strcmp(types[i].magic, word) == 0 && file.n >= types[i].head.n &&
            memcmp(file.p, types[i].head.p, types[i].head.n) == 0)
            return types[i].mime;
    return NULL;
}
