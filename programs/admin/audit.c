/* SPDX-License-Identifier: Apache-2.0
 * The verifier of the audit trail. A changed row breaks its chain, a removed one leaves a gap (or a subject whose head is
 * ahead of its trail), reordered ones do not chain; the signed log shows what was there when it was sealed. */
#include "programs/admin/admin.h"

#include "core/base/buf.h"
#include "core/base/config.h"
#include "core/crypto/sign.h"
#include "core/hall/merkle.h"

#include <stdio.h>
#include <string.h>

struct trail {
    char subject[40];
    int64_t seq;
    unsigned char head[CH_SM3_BYTES];
    size_t head_n;
    unsigned long rows, wrong;
};

static void complain(struct trail *t, const char *subject, int64_t seq, const char *what)
{
    printf("%s row %lld: %s\n", subject, (long long)seq, what);
    t->wrong++;
}

/* The end of a subject's rows: the subject itself must stand where they end. */
static void end_subject(struct trail *t, const struct ch_rows *rows, int i, struct ch_arena *a)
{
    if (i < 0 || t->subject[0] == '\0')
        return;
    struct ch_bytes head = ch_col_bytes(rows, a, i, "current_head");
    if (ch_col(rows, i, "current_seq") == NULL)
        complain(t, t->subject, t->seq, "the subject is gone");
    else if (ch_col_int(rows, i, "current_seq") != t->seq || !ch_same(head, CH_BYTES(t->head, t->head_n)))
        complain(t, t->subject, t->seq, "the trail ends before the subject does");
}

/* A trail begins with nothing, or with the last row of the months that were taken away. */
static void begin_subject(struct trail *t, struct ch_arena *a, const struct ch_rows *rows, int i)
{
    struct ch_bytes head = ch_col_bytes(rows, a, i, "begins_head");

    t->seq = head.p != NULL ? ch_col_int(rows, i, "begins_seq") : 0;
    t->head_n = head.n < CH_SM3_BYTES ? head.n : CH_SM3_BYTES;
    if (t->head_n > 0)
        memcpy(t->head, head.p, t->head_n);
}

static void check_row(struct trail *t, struct ch_arena *a, const struct ch_rows *rows, int i)
{
    const char *subject = ch_col(rows, i, "subject"), *body = ch_col(rows, i, "body");
    int64_t seq = ch_col_int(rows, i, "seq");
    struct ch_bytes stored = ch_col_bytes(rows, a, i, "head");
    struct ch_buf b;

    if (strcmp(t->subject, subject) != 0) {
        end_subject(t, rows, i - 1, a);
        snprintf(t->subject, sizeof t->subject, "%s", subject);
        begin_subject(t, a, rows, i);
    }
    if (ch_col(rows, i, "seq") == NULL && t->seq == 0) {
        complain(t, subject, 0, "the subject has no trail");
        return;
    }
    if (ch_col(rows, i, "seq") == NULL)
        return; /* all its months were taken away */
    if (seq != t->seq + 1)
        complain(t, subject, seq, "rows before it are missing");
    ch_buf_init(&b, a);
    ch_buf_add(&b, t->head, t->head_n);
    ch_buf_puts(&b, body);
    ch_sm3(ch_buf_bytes(&b), t->head);
    t->head_n = CH_SM3_BYTES;
    if (!ch_same(stored, CH_BYTES(t->head, CH_SM3_BYTES)))
        complain(t, subject, seq, "changed, or not in its place");
    memcpy(t->head, stored.p, stored.n < CH_SM3_BYTES ? stored.n : CH_SM3_BYTES); /* later rows are judged by themselves */
    t->seq = seq;
    t->rows++;
}

static unsigned long check_chains(struct ch_arena *a, struct ch_db *db, unsigned long *checked)
{
    struct trail t = {0};
    struct ch_rows rows;

    if (!admin_run(a, db, "admin.audit", CH_CALL0(&admin_audit_all), &rows))
        return 1;
    for (int i = 0; i < rows.n; i++)
        check_row(&t, a, &rows, i);
    if (rows.n > 0 && t.seq > 0)
        end_subject(&t, &rows, rows.n - 1, a);
    *checked = t.rows;
    return t.wrong;
}

/* What the log is checked with, leaf by leaf. */
struct log {
    struct ch_merkle tree;
    EVP_PKEY *key;
    struct ch_rows heads;
    int next; /* of heads, which come by size */
    unsigned long wrong;
};

static void complain_log(struct log *l, const char *what)
{
    printf("log: %s\n", what);
    l->wrong++;
}

/* Each head that was signed at this size must be the root over the leaves so far: what an auditor took away once still
 * holds. */
static void check_heads(struct log *l, struct ch_arena *a)
{
    unsigned char root[CH_SM3_BYTES];

    for (; l->next < l->heads.n && (uint64_t)ch_col_int(&l->heads, l->next, "size") == l->tree.size; l->next++) {
        ch_merkle_root(&l->tree, root);
        if (!ch_same(ch_col_bytes(&l->heads, a, l->next, "root"), CH_BYTES(root, sizeof root)) ||
            !ch_verify(l->key, NULL, ch_merkle_statement(a, l->tree.size, root),
                       ch_col_bytes(&l->heads, a, l->next, "signature")))
            complain_log(l, ch_printf(a, "the signed head of size %s does not fit the rows",
                                      ch_col(&l->heads, l->next, "size")));
    }
}

static void check_leaf(struct log *l, struct ch_arena *a, const struct ch_rows *leaves, int i)
{
    unsigned char leaf[CH_SM3_BYTES];
    struct ch_bytes hash = ch_col_bytes(leaves, a, i, "hash"), head = ch_col_bytes(leaves, a, i, "head");

    if (head.p != NULL) /* else its month was taken away: the signed heads say whether it is the leaf that was sealed */
        ch_merkle_leaf_hash(head, leaf);
    else
        memcpy(leaf, hash.p, hash.n < sizeof leaf ? hash.n : sizeof leaf);
    if (!ch_same(hash, CH_BYTES(leaf, sizeof leaf))) {
        printf("log leaf %s: not the hash of its row\n", ch_col(leaves, i, "leaf"));
        l->wrong++;
    }
    ch_merkle_add(&l->tree, leaf);
    check_heads(l, a);
}

/* Every leaf must be the hash of its row, and every signed head the root over those before it. */
static unsigned long check_log(struct ch_arena *a, struct ch_db *db, unsigned long *size)
{
    struct log l = {0};
    struct ch_rows leaves;

    if (!admin_run(a, db, "admin.audit", CH_CALL0(&admin_log_heads), &l.heads) ||
        !admin_run(a, db, "admin.audit", CH_CALL0(&admin_log_leaves), &leaves))
        return 1;
    if (l.heads.n == 0)
        return 0; /* nothing sealed yet */
    l.key = ch_key_public(ch_printf(a, "%s/log-sm2.pub", ch_conf(CONF_KEYS)));
    if (l.key == NULL)
        return 1;
    int64_t newest = ch_col_int(&l.heads, l.heads.n - 1, "size");
    for (int i = 0; i < leaves.n && i < newest; i++) /* the runner may have sealed more since */
        check_leaf(&l, a, &leaves, i);
    if (l.next < l.heads.n) /* leaves are missing, or a size is none that was ever signed */
        complain_log(&l, ch_printf(a, "the signed head of size %s fits nowhere", ch_col(&l.heads, l.next, "size")));
    EVP_PKEY_free(l.key);
    *size = (unsigned long)l.tree.size;
    return l.wrong;
}

int admin_audit(struct ch_arena *a, int argc, char **argv)
{
    unsigned long rows = 0, size = 0;

    if (argc != 1 || strcmp(argv[0], "verify") != 0)
        return 2;
    struct ch_db *db = admin_db();
    if (db == NULL)
        return 1;
    unsigned long wrong = check_chains(a, db, &rows) + check_log(a, db, &size);
    ch_db_close(db);
    printf("%lu rows checked, %lu in the signed log, %lu wrong\n", rows, size, wrong);
    return wrong == 0 ? 0 : 1;
}
