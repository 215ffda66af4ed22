/* SPDX-License-Identifier: Apache-2.0
 * A key ceremony: the questions, the making of the keys, and the written record. */
#include "programs/signer/ceremony.h"

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/pki/certificate.h"
#include "programs/signer/keystore.h"

#include <openssl/crypto.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#define LINE_MOST 200

static const struct {
    const char *role, *words;
} roles[] = {
    {"root", "根证书"}, {"ca", "签发证书"}, {"ocsp", "证书状态签名"}, {"seal", "电子印章制作"}, {"evidence", "证据包签名"}};

/* A ceremony that is being held. */
struct session {
    struct ch_arena *a;
    const struct ceremony_order *order;
    FILE *in, *out;
    const char *purpose, *person[CEREMONY_MOST];
    size_t n;
    int64_t begun;
    bool there[CH_COUNT(roles)]; /* which certificates existed before it began */
};

/* Asks a question. Returns the answer without surrounding blanks; NULL at the end of the input, or when it is not UTF-8. */
static const char *ask_line(struct session *s, const char *question)
{
    char line[LINE_MOST + 2];
    size_t points;

    fprintf(s->out, "%s", question);
    fflush(s->out);
    if (fgets(line, sizeof line, s->in) == NULL || strchr(line, '\n') == NULL)
        return NULL;
    char *start = line + strspn(line, " \t");
    size_t n = strcspn(start, "\r\n");
    while (n > 0 && (start[n - 1] == ' ' || start[n - 1] == '\t'))
        n--;
    if (n > 0 && !ch_utf8(start, n, &points))
        return NULL;
    return ch_strndup(s->a, start, n);
}

static bool ask_people(struct session *s)
{
    fprintf(s->out, "参加人，每行一位：姓名、身份（如“张三 密钥管理员”）。空行结束，至少 %d 位。\n", CEREMONY_LEAST);
    while (s->n < CEREMONY_MOST) {
        const char *person = ask_line(s, ch_printf(s->a, "  第 %zu 位：", s->n + 1));
        if (person == NULL)
            return false;
        if (*person == '\0')
            break;
        s->person[s->n++] = person;
    }
    return s->n >= CEREMONY_LEAST;
}

static enum ch_err ask_all(struct session *s, struct ch_fault *f)
{
    fprintf(s->out, "密钥仪式：%s，%s\n", s->order->who->name, s->order->algorithm);
    s->purpose = ask_line(s, "目的：");
    if (s->purpose == NULL || *s->purpose == '\0')
        return ch_fault(f, CH_E_CONFLICT, "ceremony: no purpose was given");
    if (!ask_people(s))
        return ch_fault(f, CH_E_CONFLICT, "ceremony: at least two people take part");
    const char *wanted = ch_printf(s->a, "生成 %s", s->order->algorithm);
    const char *typed =
        ask_line(s, ch_printf(s->a, "在 %s 中生成所缺的密钥和证书。全体同意的，请输入“%s”：", s->order->dir, wanted));
    if (typed == NULL || strcmp(typed, wanted) != 0)
        return ch_fault(f, CH_E_CONFLICT, "ceremony: it was not agreed to");
    return CH_OK;
}

/* Writes the URI of a key "ca=pkcs11:…" to ca-<algorithm>.uri. */
static enum ch_err place_key(struct session *s, const char *key, struct ch_fault *f)
{
    const struct ceremony_order *o = s->order;

    for (size_t i = 0; i < CH_COUNT(roles); i++) {
        size_t n = strlen(roles[i].role);
        if (strncmp(key, roles[i].role, n) != 0 || key[n] != '=')
            continue;
        return keystore_uri_write(s->a, o->dir, ch_printf(s->a, "%s-%s", roles[i].role, o->algorithm), key + n + 1)
                   ? CH_OK
                   : ch_fault(f, CH_E_CONFLICT, "ceremony: %s: no URI of a token's key, or there is a key already",
                              roles[i].role);
    }
    return ch_fault(f, CH_E_CONFLICT, "ceremony: keys are named ROLE=URI, ROLE being root, ca, ocsp, seal or evidence");
}

static enum ch_err make_hierarchy(struct session *s, struct ch_fault *f)
{
    const struct ceremony_order *o = s->order;
    enum ch_err e = CH_OK;

    for (size_t i = 0; i < CH_COUNT(roles); i++)
        s->there[i] = keystore_has(s->a, o->dir, ch_printf(s->a, "%s-%s.cer", roles[i].role, o->algorithm));
    for (const char *const *key = o->keys; e == CH_OK && *key != NULL; key++)
        e = place_key(s, *key, f);
    return e != CH_OK ? e : hierarchy_make(o->dir, o->algorithm, o->who, f);
}

/* --- the record --- */

/* The SHA-256 digest of this program's own file. */
static const char *program_digest(struct ch_arena *a)
{
    FILE *in = fopen("/proc/self/exe", "re");
    struct ch_buf all;
    char piece[16384];
    size_t n;

    ch_buf_init(&all, a);
    while (in != NULL && (n = fread(piece, 1, sizeof piece, in)) > 0)
        ch_buf_add(&all, piece, n);
    if (in != NULL)
        fclose(in);
    return ch_sha256_hex(a, ch_buf_bytes(&all));
}

static const char *sm3_hex(struct ch_arena *a, struct ch_bytes der)
{
    unsigned char sm3[CH_SM3_BYTES];

    ch_sm3(der, sm3);
    return ch_hex(a, CH_BYTES(sm3, sizeof sm3));
}

static const char *place_words(struct session *s, const char *name)
{
    const char *place = keystore_key_place(s->a, s->order->dir, name);

    if (strcmp(place, "file") == 0)
        return ch_printf(s->a, "加密文件 %s.key（PKCS#8，AES-256-CBC）", name);
    return *place == '\0' ? "不在本机" : ch_printf(s->a, "密码设备 %s", place);
}

/* Writes key and certificate of a role; nothing if there is no certificate. */
static void write_member(struct session *s, struct ch_buf *b, size_t i)
{
    const char *name = ch_printf(s->a, "%s-%s", roles[i].role, s->order->algorithm);
    X509 *cert = hierarchy_certificate(s->order->dir, ch_printf(s->a, "%s.cer", name));

    if (cert == NULL)
        return;
    struct ch_bytes der = ch_cert_der(s->a, cert);
    ch_buf_printf(b, "\n%s（%s）\n", roles[i].words, s->there[i] ? "原有" : "本次生成");
    ch_buf_printf(b, "  文件      %s.cer\n  主体      %s\n  序列号    %s\n", name, ch_cert_subject(s->a, cert),
                  ch_cert_serial(s->a, cert));
    ch_buf_printf(b, "  有效期    %s 至 %s\n", ch_rfc3339(s->a, ch_cert_start(cert)), ch_rfc3339(s->a, ch_cert_end(cert)));
    ch_buf_printf(b, "  SHA-256   %s\n  SM3       %s\n", ch_sha256_hex(s->a, der), sm3_hex(s->a, der));
    ch_buf_printf(b, "  公钥      SHA-256 %s\n  私钥      %s\n",
                  ch_sha256_hex(s->a, ch_alg_public_der(s->a, X509_get0_pubkey(cert))), place_words(s, name));
    X509_free(cert);
}

static void write_head(struct session *s, struct ch_buf *b)
{
    const struct passwd *user = getpwuid(getuid());
    char host[256] = "";

    gethostname(host, sizeof host - 1);
    ch_buf_printf(b, "密钥仪式记录\n\n机构        %s\n算法        %s\n目的        %s\n", s->order->who->name,
                  s->order->algorithm, s->purpose);
    ch_buf_printf(b, "开始        %s\n结束        %s\n", ch_rfc3339(s->a, s->begun), ch_rfc3339(s->a, ch_now_ms() / 1000));
    ch_buf_printf(b, "主机        %s，系统用户 %s（%u）\n", host, user != NULL ? user->pw_name : "?", (unsigned)getuid());
    ch_buf_printf(b, "程序        certhall-signer，SHA-256 %s\n            %s\n", program_digest(s->a),
                  OpenSSL_version(OPENSSL_VERSION));
    for (size_t i = 0; i < s->n; i++)
        ch_buf_printf(b, "%s %s\n", i == 0 ? "参加人     " : "           ", s->person[i]);
}

static enum ch_err write_record(struct session *s, struct ch_fault *f)
{
    struct ch_buf b;
    const char *when = ch_rfc3339(s->a, s->begun), *file;

    ch_buf_init(&b, s->a);
    write_head(s, &b);
    for (size_t i = 0; i < CH_COUNT(roles); i++)
        write_member(s, &b, i);
    ch_buf_puts(&b, "\n以上内容由程序记录。参加人核对指纹后在打印件上签字：\n");
    for (size_t i = 0; i < s->n; i++)
        ch_buf_printf(&b, "\n  %s\n  签字 ____________________    日期 ____________________\n", s->person[i]);
    file = ch_printf(s->a, "ceremony-%s-%.4s%.2s%.2s-%.2s%.2s%.2s.txt", s->order->algorithm, when, when + 5, when + 8,
                     when + 11, when + 14, when + 17);
    if (!keystore_text_write(s->a, s->order->dir, file, b.p))
        return ch_fault(f, CH_E_INTERNAL, "ceremony: the record %s is not written", file);
    fprintf(s->out, "%s\n记录在 %s/%s，请打印并签字。\n", b.p, s->order->dir, file);
    return CH_OK;
}

enum ch_err ceremony_hold(const struct ceremony_order *order, FILE *in, FILE *out, struct ch_fault *f)
{
    struct session s = {.a = ch_arena_new(), .order = order, .in = in, .out = out, .begun = ch_now_ms() / 1000};
    enum ch_err e = ask_all(&s, f);

    if (e == CH_OK)
        e = make_hierarchy(&s, f);
    if (e == CH_OK)
        e = write_record(&s, f);
    ch_arena_free(s.a);
    return e;
}
