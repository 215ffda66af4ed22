/* SPDX-License-Identifier: Apache-2.0
 * Evidence packages (docs/evidence.md): all that is on record about an order, in a ZIP archive with a manifest that the signer signs.
 * An attempt that was interrupted begins anew; only what is stored at the end counts. */
#include "programs/runner/runner.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/log.h"
#include "core/crypto/digest.h"
#include "core/format/zip.h"
#include "core/gateway/tsa/tsa.h"
#include "core/order/receipt_write.h"
#include "core/paper/store.h"
#include "core/signer/ca.h"

#include <string.h>

#define REASON "evidence.reason" /* places of hall.evidence (core/crypto/ring.h) */
#define FILE_KEY "evidence.key"
#define MOST_LOOKS 5 /* at a file that cannot be read */
#define LOG_MS 2000  /* between two looks whether the log has the trail */
#define MOST_WAITS 300

/* What stands beside the files, for whoever opens the archive. */
static const char read_me[] =
    "证据包说明\n\n"
    "本压缩包由电子认证机构的网上营业厅制作，内容为一个业务单的全部存档记录。\n\n"
    "manifest.json     清单：列出其他每个文件的长度和 SHA-256 摘要，并写明制作原因、申请人和时间\n"
    "manifest.p7s      认证机构对清单的签名（CMS，RFC 5652，不含原文）\n"
    "manifest.tsr      签名 manifest.p7s 的时间戳（RFC 3161）；没有设置时间戳服务时没有这个文件\n"
    "course.txt        办理经过（北京时间）\n"
    "order.json        业务单、办理经过和移交\n"
    "form.json         申请表的内容\n"
    "papers/           上传的资料，papers.json 是资料的登记\n"
    "consents/         申请人同意的协议全文，consents.json 是同意的时间、版本和来源地址\n"
    "checks.json       资料、证件、手机和账户的核验\n"
    "decisions.json    审核、制证等决定；statement 是工作人员用安全密钥签名的原文，签名按 WebAuthn\n"
    "money.json        缴费、转账、退款和发票\n"
    "messages.json     发出的短信和邮件（不含密码）\n"
    "certificates/     证书和电子印章；certificates.json 是登记\n"
    "parcel.json       寄送\n"
    "trail.json        审计记录，每条附有在签名日志（Merkle 树，RFC 9162，SM3）中的证明\n"
    "authority/        认证机构的证书\n\n"
    "核验方法：\n"
    "1  从认证机构的网站取得根证书，与 authority 目录中的根证书比较\n"
    "2  openssl cms -verify -binary -inform DER -in manifest.p7s -content manifest.json -CAfile <根证书> -purpose any -out /dev/null\n"
    "3  逐个文件计算 SHA-256，与 manifest.json 比较\n"
    "4  openssl ts -verify -in manifest.tsr -data manifest.p7s -CAfile <时间戳服务机构的根证书>\n"
    "5  certhall-verify-receipt <认证机构公布的日志公钥 log-sm2.pub> trail.json\n";

/* A package that is being made. */
struct package {
    struct work *w;
    const char *order; /* id */
    struct ch_zip *zip;
    struct ch_jw manifest; /* open in its list of files */
    struct ch_bytes signature;
};

/* What kept a package from being made. */
enum trouble {
    NONE,
    SOON,  /* the log does not have the order's trail yet, which it will within seconds */
    LATER, /* the database, the store, the signer or the time stamp authority does not answer */
    WRONG, /* a value or a file is not what was put on record */
};

static bool add_file(struct package *p, const char *name, struct ch_bytes content, bool stored)
{
    ch_jw_object(&p->manifest, NULL);
    ch_jw_text(&p->manifest, "file", name);
    ch_jw_int(&p->manifest, "bytes", (int64_t)content.n);
    ch_jw_text(&p->manifest, "sha256", ch_sha256_hex(p->w->a, content));
    ch_jw_end_object(&p->manifest);
    return ch_zip_add(p->zip, name, content, stored);
}

static bool add_text(struct package *p, const char *name, const char *text)
{
    return add_file(p, name, CH_BYTES(text, strlen(text)), false);
}

static bool begin_package(struct package *p, const struct ch_rows *work)
{
    struct work *w = p->w;
    struct ch_bytes reason;

    p->order = ch_col(work, 0, "order_id");
    p->zip = ch_zip_new(w->a);
    if (p->zip == NULL ||
        !ch_decrypt(runner_ring(), w->a, REASON, w->subject, ch_col_bytes(work, w->a, 0, "reason"), &reason))
        return false;
    ch_jw_init(&p->manifest, w->a);
    ch_jw_object(&p->manifest, NULL);
    ch_jw_text(&p->manifest, "kind", "certhall evidence package");
    ch_jw_int(&p->manifest, "version", 1);
    ch_jw_text(&p->manifest, "package", w->subject);
    ch_jw_text(&p->manifest, "order", ch_col(work, 0, "number"));
    ch_jw_text(&p->manifest, "reason", (const char *)reason.p); /* decrypted bytes are followed by a NUL */
    ch_jw_text(&p->manifest, "asked_by", ch_col(work, 0, "asked_by"));
    ch_jw_text(&p->manifest, "asked_at", ch_col(work, 0, "asked_at"));
    ch_jw_text(&p->manifest, "made_at", ch_rfc3339(w->a, ch_now_ms() / 1000));
    ch_jw_array(&p->manifest, "files");
    return add_text(p, "README.txt", read_me);
}

/* Adds what the database has as texts and as certificates, in columns `file` and `column`. */
static bool add_texts(struct package *p, const struct ch_rows *rows)
{
    bool ok = true;

    for (int i = 0; ok && i < rows->n; i++)
        ok = add_text(p, ch_col(rows, i, "file"), ch_col_text(rows, i, "body"));
    return ok;
}

static bool add_certificates(struct package *p, const struct ch_rows *rows)
{
    bool ok = true;

    for (int i = 0; ok && i < rows->n; i++)
        ok = add_file(p, ch_col(rows, i, "file"), ch_col_bytes(rows, p->w->a, i, "der"), true);
    return ok;
}

static bool add_sealed(struct package *p, const struct ch_rows *rows)
{
    bool ok = true;

    for (int i = 0; ok && i < rows->n; i++) {
        struct ch_bytes plain;
        ok = ch_decrypt(runner_ring(), p->w->a, ch_col(rows, i, "place"), ch_col(rows, i, "row"),
                        ch_col_bytes(rows, p->w->a, i, "value"), &plain) &&
             add_file(p, ch_col(rows, i, "file"), plain, false);
    }
    return ok;
}

static enum trouble add_papers(struct package *p, const struct ch_rows *rows)
{
    struct work *w = p->w;

    for (int i = 0; i < rows->n; i++) {
        unsigned char sha256[CH_SHA256_BYTES];
        struct ch_bytes file;
        enum ch_err e = ch_store_get_at(w->a, &w->fault, runner_ring(), ch_col(rows, i, "place"), ch_col(rows, i, "id"),
                                        ch_col_bytes(rows, w->a, i, "file_key"), &file);
        if (e == CH_E_UNAVAILABLE || (e != CH_OK && w->attempts < MOST_LOOKS))
            return LATER;
        ch_sha256(file, sha256);
        if (e != CH_OK || !ch_same(CH_BYTES(sha256, sizeof sha256), ch_col_bytes(rows, w->a, i, "sha256")) ||
            !add_file(p, ch_col(rows, i, "file"), file, true))
            return WRONG;
    }
    return NONE;
}

static enum trouble add_trail(struct package *p, const struct ch_rows *rows)
{
    struct work *w = p->w;
    const char *levels, *ats;
    struct ch_rows found;

    struct ch_receipt_groups *groups = ch_receipt_needs(w->a, rows, &levels, &ats);
    if (groups == NULL || ch_db_one(w->db, w->a, &w->fault,
                                    CH_CALL(&runner_log_groups, ch_p_text(levels), ch_p_text(ats)), &found) != CH_OK)
        return LATER;
    const char *text = ch_receipt_text(groups, rows, &found);
    if (text == NULL)
        return SOON;
    return add_text(p, "trail.json", text) ? NONE : WRONG;
}

/* Adds all files, in one reading of the database. */
static enum trouble add_everything(struct package *p)
{
    struct work *w = p->w;
    const struct ch_call calls[] = {
        CH_CALL(&runner_evidence_rows, ch_p_text(p->order)),
        CH_CALL(&runner_evidence_texts, ch_p_text(p->order)),
        CH_CALL(&runner_evidence_sealed, ch_p_text(p->order)),
        CH_CALL(&runner_evidence_certificates, ch_p_text(p->order)),
        CH_CALL(&runner_evidence_papers, ch_p_text(p->order)),
        CH_CALL(&runner_evidence_trail, ch_p_text(w->subject)),
    };
    struct ch_rows rows[CH_COUNT(calls)];

    if (ch_db_run(w->db, w->a, &w->fault, calls, CH_COUNT(calls), rows) != CH_OK)
        return LATER;
    if (rows[5].n == 0)
        return SOON;
    if (!add_texts(p, &rows[0]) || !add_texts(p, &rows[1]) || !add_sealed(p, &rows[2]) || !add_certificates(p, &rows[3]))
        return WRONG;
    enum trouble t = add_papers(p, &rows[4]);
    return t == NONE ? add_trail(p, &rows[5]) : t;
}

/* Has the manifest signed, and adds both to the archive. */
static enum trouble sign_package(struct package *p)
{
    struct work *w = p->w;
    unsigned char sha256[CH_SHA256_BYTES], sm3[CH_SM3_BYTES];
    struct ch_rows rows;

    ch_jw_end_array(&p->manifest);
    ch_jw_end_object(&p->manifest);
    const char *text = ch_jw_done(&p->manifest);
    struct ch_bytes manifest = CH_BYTES(text, strlen(text));
    ch_sha256(manifest, sha256);
    ch_sm3(manifest, sm3);
    if (ch_db_one(w->db, w->a, &w->fault,
                  CH_CALL(&runner_evidence_manifest, ch_p_text(w->subject), ch_p_bytes(CH_BYTES(sha256, sizeof sha256)),
                          ch_p_bytes(CH_BYTES(sm3, sizeof sm3))),
                  NULL) != CH_OK ||
        ch_ca_call(w->a, &w->fault, CH_CA_EVIDENCE, w->subject) != CH_OK ||
        ch_db_one(w->db, w->a, &w->fault, CH_CALL(&runner_evidence_signature, ch_p_text(w->subject)), &rows) != CH_OK)
        return LATER;
    /* Another runner may have begun anew when this one's lease ended. */
    if (rows.n != 1 || !ch_same(ch_col_bytes(&rows, w->a, 0, "sha256"), CH_BYTES(sha256, sizeof sha256)))
        return LATER;
    p->signature = ch_col_bytes(&rows, w->a, 0, "signature");
    return ch_zip_add(p->zip, "manifest.json", manifest, false) && ch_zip_add(p->zip, "manifest.p7s", p->signature, true)
               ? NONE
               : WRONG;
}

/* Has the signature stamped, so that it is known to be older than the day on which its certificate ends or is revoked. */
static enum trouble stamp_package(struct package *p)
{
    struct work *w = p->w;
    struct ch_answer answer;
    struct ch_bytes stamp;

    if (!ch_tsa_wanted())
        return NONE;
    if (ch_tsa_stamp(w->a, &w->fault, p->signature, &answer, &stamp) != CH_OK)
        return LATER;
    if (answer.outcome != CH_ACCEPTED) {
        ch_fault(&w->fault, CH_E_VENDOR, "time stamp: %s %s", answer.code, answer.message);
        return LATER;
    }
    return ch_zip_add(p->zip, "manifest.tsr", stamp, true) ? NONE : WRONG;
}

static enum end store_package(struct package *p)
{
    struct work *w = p->w;
    struct ch_bytes zip, key;

    if (!ch_zip_done(p->zip, &zip))
        return retry_job(w, "evidence: the archive cannot be written");
    if (ch_store_put_at(w->a, &w->fault, runner_ring(), FILE_KEY, w->subject, zip, &key) != CH_OK)
        return retry_job(w, "evidence: the store takes nothing");
    const struct ch_call made = CH_CALL(&runner_evidence_made, ch_p_text(w->subject), ch_p_bytes(key),
                                        ch_p_int(w->a, (int64_t)zip.n), ch_p_bool(ch_tsa_wanted()));
    return finish_job(w, &made, 1);
}

enum end job_evidence(struct work *w)
{
    struct package p = {.w = w};
    struct ch_rows work;

    if (!read_job(w, CH_CALL(&runner_evidence_work, ch_p_text(w->subject)), &work))
        return finish_unread(w);
    enum trouble t = begin_package(&p, &work) ? add_everything(&p) : WRONG;
    if (t == NONE)
        t = sign_package(&p);
    if (t == NONE)
        t = stamp_package(&p);
    if (t == NONE)
        return store_package(&p);
    if (t == SOON) {
        w->most = MOST_WAITS;
        return await_job(w, "evidence: the log does not have the order's trail yet", LOG_MS);
    }
    if (t == LATER)
        return retry_job(w, w->fault.detail);
    ch_log(CH_ERROR, p.order, "evidence: a value or a file is not what was put on record");
    const struct ch_call failed = CH_CALL(&runner_evidence_failed, ch_p_text(w->subject));
    return finish_job(w, &failed, 1);
}
