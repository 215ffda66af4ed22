/* SPDX-License-Identifier: Apache-2.0
 * Judges the certificate of a signature: its chain to the authority's own roots, the time of the signature, and revocation
 * according to the authority's records.
 *
 * The time in a signature is not proved, because time stamps of third parties are not evaluated. So a certificate that has expired
 * since is only valid with a reservation, and one whose key was compromised proves nothing, whatever time the signature claims. */
#include "modules/verify/verify.h"

#include "core/base/clock.h"
#include "core/base/codec.h"

#include <string.h>

#define AUTHORITIES_MAX 64
#define CLOCK_SKEW 300 /* seconds that the signer's clock may be ahead of ours */

struct authorities {
    X509 *roots[AUTHORITIES_MAX], *between[AUTHORITIES_MAX + CH_CMS_CERTS];
    X509 *external[AUTHORITIES_MAX]; /* CAs of other authorities, whose revocations we do not know */
    size_t n_roots, n_between, n_external;
    X509 *own[AUTHORITIES_MAX]; /* other certificates of the authority itself, which belong to no subscriber */
    size_t n_own;
};

static void free_cert(void *cert)
{
    X509_free(cert);
}

static bool is_listed(X509 *const *list, size_t n, const X509 *cert)
{
    for (size_t i = 0; i < n; i++)
        if (X509_cmp(list[i], cert) == 0)
            return true;
    return false;
}

static enum ch_err read_authorities(struct ch_req *r, struct authorities *out)
{
    struct ch_rows rows;

    enum ch_err e = ch_run(r, CH_CALL0(&verify_authorities), &rows);
    if (e != CH_OK)
        return e;
    for (int i = 0; i < rows.n && i < AUTHORITIES_MAX; i++) {
        X509 *cert = ch_cert_read(ch_col_bytes(&rows, r->a, i, "certificate"));
        if (cert == NULL)
            continue;
        ch_defer(r->a, free_cert, cert);
        const char *role = ch_col(&rows, i, "role");
        if (strcmp(role, "root") == 0)
            out->roots[out->n_roots++] = cert;
        else if (strcmp(role, "issuing") == 0)
            out->between[out->n_between++] = cert;
        else
            out->own[out->n_own++] = cert;
        if (ch_col_bool(&rows, i, "external"))
            out->external[out->n_external++] = cert;
    }
    return CH_OK;
}

/* ---- the authority's records ---- */

/* The signers' certificates as an array of bytea. A missing certificate is an empty element, which matches no row. */
static const char *certificates_array(struct ch_req *r, const struct upload *u)
{
    struct ch_buf b;

    ch_buf_init(&b, r->a);
    for (size_t i = 0; i < u->n; i++) {
        X509 *cert = u->signatures[i].cert;
        ch_buf_printf(&b, "%s\"\\\\x%s\"", i > 0 ? "," : "{", cert != NULL ? ch_hex(r->a, ch_cert_der(r->a, cert)) : "");
    }
    ch_buf_puts(&b, "}");
    return (const char *)b.p;
}

static void judge_seal(struct signature *s, const struct ch_rows *rows)
{
    bool ours = s->chain.result != CH_TRUST_UNKNOWN_ISSUER;

    if (rows->n == 0) {
        if (ours)
            verify_note(s, "seal", INVALID, "本机构的记录里没有这枚印章", "请不要采信，并拨打服务热线反映。");
        return;
    }
    const char *state = ch_col(rows, 0, "state");
    if (!ch_col_bool(rows, 0, "same"))
        verify_note(s, "seal", INVALID, "印章编号存在，但内容与本机构制作的印章不同", "请不要采信，并拨打服务热线反映。");
    else if (strcmp(state, "withdrawn") == 0)
        verify_note(s, "seal", INVALID, "这枚印章已经注销", "注销之后不能再用它盖章；请持有单位换用有效的印章。");
    else if (strcmp(state, "suspended") == 0)
        verify_note(s, "seal", LIMITED, "印章所用的证书目前暂停使用", "请与持有单位核实。");
    else
        verify_note(s, "seal", VALID, "印章由本机构制作并备案，没有注销", NULL);
}

/* The signature of a seal's maker, of which an upload has at most one; NULL if there is none. */
static struct signature *seal_maker(struct upload *u)
{
    for (size_t i = 0; i < u->n; i++)
        if (u->signatures[i].made.p != NULL)
            return &u->signatures[i];
    return NULL;
}

/* Asks in one round trip for the records of all certificates, which are noted in their signatures, and for the seal, if there is
 * one: rows[1]. */
static enum ch_err ask_records(struct ch_req *r, struct upload *u, const struct signature *maker, struct ch_rows rows[2])
{
    const char *number = maker != NULL ? maker->seal->id : NULL;
    struct ch_bytes der = maker != NULL ? maker->made : CH_BYTES(NULL, 0);
    struct ch_call calls[] = {CH_CALL(&verify_certificates, ch_p_text(certificates_array(r, u))),
                              CH_CALL(&verify_seal, ch_p_text(number), ch_p_bytes(der))};

    enum ch_err e = ch_run_all(r, calls, maker != NULL ? 2 : 1, rows);
    for (int i = 0; e == CH_OK && i < rows[0].n; i++) {
        size_t place = (size_t)ch_col_int(&rows[0], i, "place") - 1;
        if (place < u->n)
            u->signatures[place].known = (struct known){.found = true,
                                                        .state = ch_col(&rows[0], i, "state"),
                                                        .reason = ch_col(&rows[0], i, "reason"),
                                                        .type = ch_col(&rows[0], i, "type"),
                                                        .revoked_at = ch_col_int(&rows[0], i, "revoked_at")};
    }
    return e;
}

/* ---- time ---- */

static const char *beijing_time(struct ch_req *r, int64_t at)
{
    return ch_beijing(r->a, at, "%Y-%m-%d %H:%M:%S");
}

static void judge_time(struct ch_req *r, struct signature *s, int64_t now)
{
    if (s->time == 0)
        verify_note(s, "time", VALID, "签名里没有写签名时间，以下按现在的时间检查", NULL);
    else if (s->time > now + CLOCK_SKEW)
        verify_note(s, "time", INVALID, ch_printf(r->a, "签名时间 %s 在将来，不可信", beijing_time(r, s->time)),
                    "请签名人校准电脑时间后重新签名。");
    else
        verify_note(s, "time", VALID,
                    ch_printf(r->a, "%s时间 %s，由%s自己的设备写入，没有可信时间戳证明", s->made.p != NULL ? "制作" : "签名",
                              beijing_time(r, s->time), s->made.p != NULL ? "制作者" : "签名人"),
                    NULL);
}

/* ---- chain ---- */

/* The name of the chain's certificate that the check failed at, in brackets; "" for the signer's own. */
static const char *failed_name(struct ch_req *r, const struct ch_chain *chain)
{
    return chain->failed == 0 ? "" : ch_printf(r->a, "（%s）", ch_cert_subject(r->a, chain->link[chain->failed]));
}

static void note_chain_failure(struct ch_req *r, struct signature *s)
{
    const struct ch_chain *chain = &s->chain;

    switch (chain->result) {
    case CH_TRUST_UNKNOWN_ISSUER:
        verify_note(s, "chain", UNSURE,
                    ch_printf(r->a, "证书由其他机构签发（%s），不在本页信任的范围内，无法确认签名人的身份",
                              ch_cert_issuer(r->a, chain->link[chain->n - 1])),
                    "请到签发机构的网站验证，或拨打其客服电话核实。");
        return;
    case CH_TRUST_EXPIRED:
        verify_note(s, "chain", INVALID,
                    s->time > 0 ? ch_printf(r->a, "签名时证书%s已经过期", failed_name(r, chain))
                                : "证书已经过期，而签名里没有时间，不能证明是在有效期内签的",
                    "请签名人更换有效的证书后重新签名。");
        return;
    case CH_TRUST_NOT_YET:
        verify_note(s, "chain", INVALID, ch_printf(r->a, "签名时证书%s还没有生效", failed_name(r, chain)),
                    "请签名人核对电脑时间后重新签名。");
        return;
    default:
        verify_note(s, "chain", INVALID, ch_printf(r->a, "%s%s", ch_trust_words(chain->result), failed_name(r, chain)),
                    "请不要采信，并与签名人核实其证书的来源。");
    }
}

/* Judges the chain at the time of the signature, or now if it has none. A certificate that has expired since then is accepted
 * with a reservation. */
static void judge_chain(struct ch_req *r, const struct authorities *all, struct signature *s, int64_t now)
{
    struct ch_trusted given = {all->roots, all->n_roots, all->between, all->n_between};
    bool said = s->time > 0 && s->time <= now + CLOCK_SKEW;
    struct ch_chain today;

    if (ch_trust_check(&given, s->cert, said ? s->time : now, CH_USE_SIGN, &s->chain) != CH_TRUST_OK)
        note_chain_failure(r, s);
    else if (said && ch_trust_check(&given, s->cert, now, CH_USE_SIGN, &today) == CH_TRUST_EXPIRED)
        verify_note(s, "chain", LIMITED, "证书在签名时间有效，现在已经过期；签名时间没有可信时间戳证明",
                    "如对签名时间有疑问，请与签名人核实，或要求其重新签名。");
    else
        verify_note(s, "chain", VALID, "证书由本机构签发，证书链完整，在签名时有效", NULL);
}

/* ---- revocation ---- */

/* The certificate was issued under a trusted root, but not to a subscriber that the hall has on record. */
static void note_unrecorded(struct signature *s, const struct authorities *all)
{
    if (is_listed(all->own, all->n_own, s->cert))
        verify_note(s, "revocation", VALID, "这是本机构自己的证书，没有吊销", NULL);
    else if (s->chain.n > 1 && is_listed(all->external, all->n_external, s->chain.link[1]))
        verify_note(s, "revocation", UNSURE, "证书由合作机构签发，不是经本机构办理，查不到是否吊销",
                    "请到签发机构的网站查询。");
    else
        verify_note(s, "revocation", INVALID, "本机构的签发记录里没有这张证书", "请不要采信，并拨打服务热线反映。");
}

static void judge_revocation(struct ch_req *r, const struct authorities *all, struct signature *s)
{
    const struct known *k = &s->known;
    bool before = s->time > 0 && s->time < k->revoked_at;

    if (!k->found) {
        note_unrecorded(s, all);
        return;
    }
    if (strcmp(k->state, "valid") == 0) {
        verify_note(s, "revocation", VALID, "证书没有被吊销", NULL);
        return;
    }
    const char *what = strcmp(k->state, "hold") == 0 ? "暂停使用" : "吊销", *since = beijing_time(r, k->revoked_at);
    if (k->reason != NULL && strcmp(k->reason, "key_compromise") == 0)
        verify_note(s, "revocation", INVALID,
                    ch_printf(r->a, "证书因私钥可能泄露，已于 %s 吊销，此前的签名也不能采信", since),
                    "请与签名人核实，并要求其用新证书重新签名。");
    else if (before)
        verify_note(s, "revocation", LIMITED,
                    ch_printf(r->a, "证书已于 %s %s；签名时间早于此，但签名时间没有可信时间戳证明", since, what),
                    "请与签名人核实签名时间，或要求其用有效的证书重新签名。");
    else
        verify_note(s, "revocation", INVALID,
                    ch_printf(r->a, "证书已于 %s %s，签名不是在此之前做的，或不能证明是在此之前做的", since, what),
                    "请签名人更换有效的证书后重新签名。");
}

static void judge_signature(struct ch_req *r, struct authorities *all, struct signature *s, int64_t now)
{
    size_t ours = all->n_between;

    if (s->cert == NULL)
        return;
    for (size_t i = 0; i < s->n_sent; i++)
        all->between[all->n_between++] = s->sent[i];
    judge_time(r, s, now);
    judge_chain(r, all, s, now);
    all->n_between = ours;
    if (s->chain.result != CH_TRUST_UNKNOWN_ISSUER)
        judge_revocation(r, all, s);
}

/* ---- receipts ---- */

/* The log's head is asked of the records, which have every one that was signed, and the signature is left to certhall-verify-receipt: it
 * says nothing that the records do not. */
static enum ch_err judge_receipt(struct ch_req *r, struct signature *s)
{
    struct ch_rows rows;

    enum ch_err e = ch_run_row(r,
                               CH_CALL(&verify_log_head, ch_p_int(r->a, s->receipt->size), ch_p_bytes(s->receipt->root),
                                       ch_p_bytes(s->receipt->signature)),
                               &rows);
    if (e != CH_OK)
        return e;
    if (ch_col_bool(&rows, 0, "ours"))
        verify_note(s, "log", VALID,
                    ch_printf(r->a, "该日志由本机构签署，签署时共有 %lld 条记录", (long long)s->receipt->size), NULL);
    else
        verify_note(s, "log", INVALID, "本机构没有签署过这样的日志", "请不要采信，并拨打服务热线反映。");
    return CH_OK;
}

enum ch_err verify_judge(struct ch_req *r, struct upload *u, int64_t now)
{
    if (u->signatures[0].receipt != NULL)
        return judge_receipt(r, &u->signatures[0]);
    struct authorities *all = CH_NEW(r->a, struct authorities);
    struct signature *maker = seal_maker(u);
    struct ch_rows rows[2];

    enum ch_err e = read_authorities(r, all);
    if (e == CH_OK)
        e = ask_records(r, u, maker, rows);
    if (e != CH_OK)
        return e;
    for (size_t i = 0; i < u->n; i++)
        judge_signature(r, all, &u->signatures[i], now);
    if (maker != NULL)
        judge_seal(maker, &rows[1]);
    return CH_OK;
}
