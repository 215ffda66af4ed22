/* SPDX-License-Identifier: Apache-2.0
 * ZIP archives. */
#include "core/format/zip.h"

#include <zip.h>

struct ch_zip {
    struct ch_arena *a;
    zip_source_t *memory; /* what is written */
    zip_t *zip;           /* NULL once it is ended */
};

static void give_up(void *archive)
{
    struct ch_zip *z = archive;

    if (z->zip != NULL)
        zip_discard(z->zip);
    zip_source_free(z->memory);
}

struct ch_zip *ch_zip_new(struct ch_arena *a)
{
    struct ch_zip *z = CH_NEW(a, struct ch_zip);

    *z = (struct ch_zip){.a = a, .memory = zip_source_buffer_create(NULL, 0, 0, NULL)};
    if (z->memory == NULL)
        return NULL;
    zip_source_keep(z->memory); /* the archive lets go of it when it is ended, and then it is read */
    z->zip = zip_open_from_source(z->memory, ZIP_TRUNCATE, NULL);
    if (z->zip == NULL)
        zip_source_free(z->memory); /* the one that the archive would have let go of */
    ch_defer(a, give_up, z);
    return z->zip != NULL ? z : NULL;
}

bool ch_zip_add(struct ch_zip *z, const char *name, struct ch_bytes content, bool stored)
{
    zip_source_t *source = zip_source_buffer(z->zip, content.p, content.n, 0);
    zip_int64_t at = source != NULL ? zip_file_add(z->zip, name, source, ZIP_FL_ENC_UTF_8) : -1;

    if (at < 0) {
        zip_source_free(source);
        return false;
    }
    return zip_set_file_compression(z->zip, (zip_uint64_t)at, stored ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 0) == 0;
}

bool ch_zip_done(struct ch_zip *z, struct ch_bytes *out)
{
    zip_stat_t st;

    if (zip_close(z->zip) != 0)
        return false;
    z->zip = NULL;
    if (zip_source_stat(z->memory, &st) != 0 || (st.valid & ZIP_STAT_SIZE) == 0 || zip_source_open(z->memory) != 0)
        return false;
    unsigned char *bytes = ch_alloc(z->a, st.size + 1);
    bool whole = zip_source_read(z->memory, bytes, st.size) == (zip_int64_t)st.size;
    zip_source_close(z->memory);
    *out = CH_BYTES(bytes, st.size);
    return whole;
}
