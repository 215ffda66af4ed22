/* SPDX-License-Identifier: Apache-2.0
 * A paper comes in as the raw bytes of a PUT. It is judged by its content, stored encrypted, and only then known to the
 * database: a crash in between leaves a file that no row names, never a row without its file. */
#include "modules/material/material.h"

#include "core/base/random.h"
#include "core/hall/filetype.h"
#include "core/hall/paper.h"
#include "core/hall/store.h"
#include "core/web/input.h"

#include <string.h>

#define NAME_MAX_BYTES 200
#define UUID_CHARS 36

static const char *uuid_rule(const char *text)
{
    return ch_is_uuid(text) ? NULL : "请刷新后再试。";
}

static const struct ch_field keep_fields[] = {
    CH_IN_TEXT(struct material_keep_in, id, CH_REQUIRED, UUID_CHARS, UUID_CHARS, uuid_rule),
};
const struct ch_input material_keep_body = CH_INPUT(struct material_keep_in, keep_fields);

const char *material_file_name(struct ch_req *r)
{
    const char *name = ch_query(r, "name");

    if (name == NULL || *name == '\0' || strlen(name) > NAME_MAX_BYTES || strpbrk(name, "/\\\r\n") != NULL)
        return "未命名";
    return name;
}

enum ch_err material_kind(struct ch_req *r, const char **mime)
{
    if (r->raw.n == 0)
        return ch_fail_say(r, CH_E_INVALID, "文件是空的，请重新选择。");
    *mime = ch_filetype(r->raw);
    if (*mime == NULL)
        return ch_fail_say(r, CH_E_MEDIA_TYPE, "这不是可以识别的图片或 PDF 文件，请上传清晰的扫描件或照片。");
    return CH_OK;
}

static enum ch_err store(struct ch_req *r, const char *order, const char *mime, const char **id)
{
    unsigned char hash[CH_SHA256_BYTES];
    struct ch_bytes key;

    *id = ch_uuid7(r->a);
    ch_sha256(r->raw, hash);
    enum ch_err e = ch_store_put(r->a, &r->fault, ch_ring(), *id, r->raw, &key);
    if (e != CH_OK)
        return e;
    return ch_run(r, CH_CALL(&material_put_row, ch_p_text(*id), ch_p_text(order), ch_p_text(ch_var(r, "code")),
                             ch_p_text(material_file_name(r)), ch_p_text(mime), ch_p_int(r->a, (int64_t)r->raw.n),
                             ch_p_bytes(CH_BYTES(hash, sizeof hash)), ch_p_bytes(key)), NULL);
}

static enum ch_err answer(struct ch_req *r, const char *id, const char *mime)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_object(&w, "material");
    ch_jw_text(&w, "id", id);
    ch_jw_text(&w, "code", ch_var(r, "code"));
    ch_jw_text(&w, "state", "ok");
    ch_jw_text(&w, "file_name", material_file_name(r));
    ch_jw_text(&w, "mime", mime);
    ch_jw_int(&w, "bytes", (int64_t)r->raw.n);
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err material_put(struct ch_req *r)
{
    const char *order, *id, *mime;

    enum ch_err e = ch_var_uuid(r, "id", &order);
    if (e == CH_OK) /* whether the order takes this paper now, before anything is written */
        e = ch_run(r, CH_CALL(&material_slot, ch_p_text(order), ch_p_text(ch_var(r, "code"))), NULL);
    if (e != CH_OK)
        return e;
    e = material_kind(r, &mime);
    if (e == CH_OK)
        e = store(r, order, mime, &id);
    return e == CH_OK ? answer(r, id, mime) : e;
}

enum ch_err material_get(struct ch_req *r)
{
    struct ch_rows rows;
    const char *order;

    enum ch_err e = ch_var_uuid(r, "id", &order);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&material_view, ch_p_text(order), ch_p_text(ch_var(r, "code"))), &rows);
    return e == CH_OK ? ch_paper_reply(r, &rows) : e;
}

enum ch_err material_delete(struct ch_req *r)
{
    const char *order;

    enum ch_err e = ch_var_uuid(r, "id", &order);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&material_delete_row, ch_p_text(order), ch_p_text(ch_var(r, "code"))), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}

/* The warnings about a paper are overruled: it is used as it is. */
enum ch_err material_keep(struct ch_req *r)
{
    const struct material_keep_in *in = r->in;
    const char *order;

    enum ch_err e = ch_var_uuid(r, "id", &order);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&material_keep_row, ch_p_text(order), ch_p_text(ch_var(r, "code")), ch_p_text(in->id)), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}
