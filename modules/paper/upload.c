/* SPDX-License-Identifier: Apache-2.0
 * How an uploaded file is taken, the same for papers and vouchers: the database is asked whether the upload is allowed, the
 * content is checked, the file is encrypted and stored, and only then it gets a row. While the file is being stored (on a disk,
 * or in a bucket across the network) no transaction is open and no connection is held. A crash in between leaves a file that no
 * row names, never a row without its file; the runner's sweep removes such files (programs/runner/store.c). */
#include "modules/paper/paper.h"

#include "core/base/config.h"
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

void paper_read(struct ch_req *r, struct paper_file *f)
{
    *f = (struct paper_file){.name = file_name(r), .mime = r->raw.n > 0 ? ch_filetype(r->raw) : NULL};
}

/* What is wrong with the content, as a refusal; CH_OK when it may be stored. A picture that says no size is taken: the paper's
 * check finds it unreadable. */
static enum ch_err check_content(struct ch_req *r, const struct paper_file *f)
{
    struct ch_extent x;

    if (r->raw.n == 0)
        return ch_fail_say(r, CH_E_INVALID, "文件是空的，请重新选择。");
    if (f->mime == NULL)
        return ch_fail_say(r, CH_E_MEDIA_TYPE, "这不是可以识别的图片或 PDF 文件，请上传清晰的扫描件或照片。");
    const char *wrong = ch_extent_read(r->raw, &x) ? ch_extent_wrong(r->a, &x) : NULL;
    return wrong == NULL ? CH_OK : ch_fail_say(r, CH_E_INVALID, wrong);
}

static struct ch_param setting(struct ch_req *r, enum ch_conf which)
{
    return ch_p_int(r->a, ch_conf_int(which));
}

/* Deletes the file of a row that was refused. After an error of our own, such as a database that did not answer, the row may
 * exist, so the file stays. */
static void delete_refused(struct ch_req *r, const char *id, enum ch_err refused)
{
    if (!ch_err_row(refused)->ours && ch_store_delete(r->a, NULL, id) != CH_OK)
        ch_log(CH_WARN, r->id, "%s stays in the store until it is swept", id);
}

/* Asks whether the order takes this file, and whether there were not too many today. */
static enum ch_err admit_upload(struct ch_req *r, const struct paper_way *way)
{
    struct ch_rows rows[2];
    const struct ch_call calls[] = {
        way->may,
        CH_CALL(&paper_admit, ch_p_text(way->order), ch_p_int(r->a, (int64_t)r->raw.n), setting(r, CONF_UPLOAD_ORDER_N),
                setting(r, CONF_UPLOAD_ORDER_MB), setting(r, CONF_UPLOAD_ACCOUNT_N), setting(r, CONF_UPLOAD_ACCOUNT_MB),
                setting(r, CONF_UPLOAD_ADDRESS_N), setting(r, CONF_UPLOAD_ADDRESS_MB)),
    };

    return ch_run_all(r, calls, CH_COUNT(calls), rows);
}

enum ch_err paper_store(struct ch_req *r, const struct paper_way *way, struct paper_file *f)
{
    unsigned char *hash = ch_alloc(r->a, CH_SHA256_BYTES);
    enum ch_err e = admit_upload(r, way);

    if (e == CH_OK)
        e = check_content(r, f);
    if (e != CH_OK)
        return e;
    f->id = ch_uuid7(r->a);
    ch_sha256(r->raw, hash);
    f->hash = ch_p_bytes(CH_BYTES(hash, CH_SHA256_BYTES));
    f->size = ch_p_int(r->a, (int64_t)r->raw.n);
    return ch_store_put_at(r->a, &r->fault, ch_ring(), way->key_place, f->id, r->raw, &f->key);
}

enum ch_err paper_keep_row(struct ch_req *r, const struct paper_file *f, struct ch_call put, struct ch_rows *made)
{
    enum ch_err e = made != NULL ? ch_run_row(r, put, made) : ch_run(r, put, NULL);

    if (e != CH_OK)
        delete_refused(r, f->id, e);
    return e;
}

void paper_put_file(struct ch_jw *w, const struct ch_req *r, const struct paper_file *f)
{
    ch_jw_text(w, "id", f->id);
    ch_jw_text(w, "file_name", f->name);
    ch_jw_text(w, "mime", f->mime);
    ch_jw_int(w, "bytes", (int64_t)r->raw.n);
}
