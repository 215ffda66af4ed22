/* SPDX-License-Identifier: Apache-2.0
 * Takes the file that a request carries. */
#include "core/paper/upload.h"

#include "core/base/log.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/paper/extent.h"
#include "core/paper/filetype.h"
#include "core/paper/store.h"

#include <string.h>

#define NAME_MAX_BYTES 200

/* The file's name as the person knows it (?name=), or a word in its place. It is only displayed, so that a name that cannot be is
 * no reason to refuse the file. */
static const char *file_name(struct ch_req *r)
{
    const char *name = ch_query(r, "name");

    if (name == NULL || *name == '\0' || strlen(name) > NAME_MAX_BYTES || strpbrk(name, "/\\\r\n") != NULL)
        return "未命名";
    name = ch_text_nfc(r->a, name);
    return ch_text_fault(r->a, name) == NULL ? name : "未命名";
}

void ch_upload_read(struct ch_req *r, struct ch_upload *f)
{
    *f = (struct ch_upload){.name = file_name(r), .mime = r->raw.n > 0 ? ch_filetype(r->raw) : NULL};
}

/* What is wrong with the content, as a refusal; CH_OK when it may be stored. A picture that says no size is taken: the paper's
 * check finds it unreadable. */
static enum ch_err check_content(struct ch_req *r, const struct ch_upload *f)
{
    struct ch_extent x;

    if (r->raw.n == 0)
        return ch_fail_say(r, CH_E_INVALID, "文件是空的，请重新选择。");
    if (f->mime == NULL)
        return ch_fail_say(r, CH_E_MEDIA_TYPE, "这不是可以识别的图片或 PDF 文件，请上传清晰的扫描件或照片。");
    const char *wrong = ch_extent_read(r->raw, &x) ? ch_extent_wrong(r->a, &x) : NULL;
    return wrong == NULL ? CH_OK : ch_fail_say(r, CH_E_INVALID, wrong);
}

/* Deletes the file of a row that was refused. After an error of our own, such as a database that did not answer, the row may
 * exist, so the file stays. */
static void delete_refused(struct ch_req *r, const char *id, enum ch_err refused)
{
    if (!ch_err_row(refused)->ours && ch_store_delete(r->a, NULL, id) != CH_OK)
        ch_log(CH_WARN, r->id, "%s stays in the store until it is swept", id);
}

enum ch_err ch_upload_store(struct ch_req *r, const char *key_place, struct ch_upload *f)
{
    unsigned char *hash = ch_alloc(r->a, CH_SHA256_BYTES);
    enum ch_err e = check_content(r, f);

    if (e != CH_OK)
        return e;
    f->id = ch_uuid7(r->a);
    ch_sha256(r->raw, hash);
    f->hash = ch_p_bytes(CH_BYTES(hash, CH_SHA256_BYTES));
    f->size = ch_p_int(r->a, (int64_t)r->raw.n);
    return ch_store_put_at(r->a, &r->fault, ch_ring(), key_place, f->id, r->raw, &f->key);
}

enum ch_err ch_upload_keep(struct ch_req *r, const struct ch_upload *f, struct ch_call put, struct ch_rows *made)
{
    enum ch_err e = made != NULL ? ch_run_row(r, put, made) : ch_run(r, put, NULL);

    if (e != CH_OK)
        delete_refused(r, f->id, e);
    return e;
}

void ch_upload_write(struct ch_jw *w, const struct ch_req *r, const struct ch_upload *f)
{
    ch_jw_text(w, "id", f->id);
    ch_jw_text(w, "file_name", f->name);
    ch_jw_text(w, "mime", f->mime);
    ch_jw_int(w, "bytes", (int64_t)r->raw.n);
}
