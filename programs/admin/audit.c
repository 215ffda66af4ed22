/* SPDX-License-Identifier: Apache-2.0
 * The verifier of the audit trail. A changed row breaks its chain; a removed row leaves a gap, or a subject whose head is ahead of
 * its trail; reordered rows do not chain. The signed log proves which rows existed when it was signed. Trail and log are read
 * page by page, so the memory that is needed does not depend on their size. */
#include "programs/admin/admin.h"

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/crypto/merkle.h"
#include "core/crypto/sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 5000
#define PAGE_MOST 100000
#define TELL_MS 2000 /* how often the progress is shown */

/* The reading of the trail or the log, and how far it is. Times are those of ch_tick_ms. */
struct reading {
    struct ch_db *db;
    struct ch_arena *page; /* holds the rows of the current page */
    int64_t most;          /* rows of a page */
    const char *what;
    int64_t all; /* about how many rows there are */
    int64_t begun, told;
    bool broken; /* true when a page could not be read */
};

static void begin_reading(struct reading *r, const char *what, int64_t all)
{
    r->what = what;
    r->all = all;
    r->begun = r->told = ch_tick_ms();
}

/* Reads the next page; false when there is none. Shows the progress from time to time. */
static bool read_page(struct reading *r, unsigned long done, struct ch_call call, struct ch_rows *rows)
{
    int64_t now = ch_tick_ms();

    if (now - r->told >= TELL_MS) {
        int64_t share = r->all > 0 ? (int64_t)done * 100 / r->all : 0;
        fprintf(stderr, "%s: %lu of %lld rows, %lld %%, %lld a second\n", r->what, done, (long long)r->all,
                (long long)(share < 100 ? share : 100), (long long)done * 1000 / (long long)(now - r->begun));
        r->told = now;
    }
    if (!admin_run(r->page, r->db, "admin.audit", call, rows)) {
        r->broken = true;
        return false;
    }
    return rows->n > 0;
}

/* The subject whose rows are being read. */
struct trail {
    char subject[40];
    int64_t seq;
    unsigned char head[CH_SM3_BYTES];
    size_t head_n;
    bool gone;           /* the trail exists, but its subject does not */
    int64_t current_seq; /* the last row according to the subject itself */
    unsigned char current_head[CH_SM3_BYTES];
    size_t current_n;
    unsigned long rows, wrong;
};

static void report_row(struct trail *t, const char *subject, int64_t seq, const char *what)
{
    printf("%s row %lld: %s\n", subject, (long long)seq, what);
    t->wrong++;
}

/* Copies a digest. A longer value is cut off, and a shorter one stays shorter, so that neither equals a digest. */
static size_t copy_digest(unsigned char out[CH_SM3_BYTES], struct ch_bytes b)
{
    size_t n = b.n < CH_SM3_BYTES ? b.n : CH_SM3_BYTES;

    if (n > 0 && b.p != NULL)
        memcpy(out, b.p, n);
    return n;
}

/* Checks at the end of a subject's rows that the subject itself names the last of them. */
static void end_subject(struct trail *t)
{
    if (t->subject[0] == '\0')
        return;
    if (t->gone)
        report_row(t, t->subject, t->seq, "the subject is gone");
    else if (t->current_seq != t->seq || !ch_same(CH_BYTES(t->current_head, t->current_n), CH_BYTES(t->head, t->head_n)))
        report_row(t, t->subject, t->seq, "the trail ends before the subject does");
}

static void check_row(struct trail *t, struct ch_arena *a, const struct ch_rows *rows, int i)
{
    const char *subject = ch_col(rows, i, "subject");
    int64_t seq = ch_col_int(rows, i, "seq");
    struct ch_bytes stored = ch_col_bytes(rows, a, i, "head");
    struct ch_buf b;

    if (strcmp(t->subject, subject) != 0) {
        end_subject(t);
        /* A trail begins with row 1, or after the last row of the months that were detached. */
        struct ch_bytes before = ch_col_bytes(rows, a, i, "begins_head");
        snprintf(t->subject, sizeof t->subject, "%s", subject);
        t->seq = before.p != NULL ? ch_col_int(rows, i, "begins_seq") : 0;
        t->head_n = copy_digest(t->head, before);
    }
    t->gone = ch_col(rows, i, "current_seq") == NULL;
    t->current_seq = ch_col_int(rows, i, "current_seq");
    t->current_n = copy_digest(t->current_head, ch_col_bytes(rows, a, i, "current_head"));
    if (ch_col(rows, i, "seq") == NULL) {
        if (t->seq == 0) /* otherwise all its months were detached */
            report_row(t, subject, 0, "the subject has no trail");
        return;
    }
    if (seq != t->seq + 1)
        report_row(t, subject, seq, "rows before it are missing");
    ch_buf_init(&b, a);
    ch_buf_add(&b, t->head, t->head_n);
    ch_buf_puts(&b, ch_col(rows, i, "body"));
    ch_sm3(ch_buf_bytes(&b), t->head);
    if (!ch_same(stored, CH_BYTES(t->head, CH_SM3_BYTES)))
        report_row(t, subject, seq, "changed, or not in its place");
    t->head_n = copy_digest(t->head, stored); /* so that one wrong row does not make all later rows wrong */
    t->seq = seq;
    t->rows++;
}

static unsigned long check_chains(struct reading *r, unsigned long *checked)
{
    struct trail t = {0};
    struct ch_param subject = ch_p_null(), seq = ch_p_null();
    char after[16];
    struct ch_rows rows;

    while (read_page(r, t.rows, CH_CALL(&admin_audit_page, subject, seq, ch_p_int(r->page, r->most)), &rows)) {
        for (int i = 0; i < rows.n; i++)
            check_row(&t, r->page, &rows, i);
        const char *last = ch_col(&rows, rows.n - 1, "seq");
        snprintf(after, sizeof after, "%s", last != NULL ? last : "2147483647"); /* after every row that the subject might have */
        subject = ch_p_text(t.subject);
        seq = ch_p_text(after);
        ch_arena_reset(r->page);
    }
    if (t.seq > 0 && !r->broken)
        end_subject(&t);
    *checked = t.rows;
    return t.wrong;
}

/* The check of the log, leaf by leaf. */
struct log {
    struct ch_merkle tree;
    EVP_PKEY *key;
    int64_t newest;        /* the size of the newest head when the check began; the runner may sign more meanwhile */
    struct ch_arena *page; /* holds the current heads, which are ordered by size */
    struct ch_rows heads;
    int64_t after; /* the size of the last of these heads */
    int next;
    unsigned long wrong;
};

static void report_log(struct log *l, const char *what)
{
    printf("log: %s\n", what);
    l->wrong++;
}

/* The size of the next signed head; 0 when there is none left. */
static int64_t next_head_size(struct reading *r, struct log *l)
{
    if (l->next == l->heads.n) {
        ch_arena_reset(l->page);
        l->heads.n = l->next = 0;
        if (!admin_run(l->page, r->db, "admin.audit",
                       CH_CALL(&admin_log_heads, ch_p_int(l->page, l->after), ch_p_int(l->page, r->most)), &l->heads))
            r->broken = true;
        else if (l->heads.n > 0)
            l->after = ch_col_int(&l->heads, l->heads.n - 1, "size");
    }
    int64_t size = l->next < l->heads.n ? ch_col_int(&l->heads, l->next, "size") : 0;
    return size <= l->newest ? size : 0;
}

/* Each head that was signed at the tree's present size must be the root over its leaves, so that a head which an auditor has once
 * taken away still proves the rows before it. */
static void check_heads(struct reading *r, struct log *l)
{
    unsigned char root[CH_SM3_BYTES];

    for (; (uint64_t)next_head_size(r, l) == l->tree.size; l->next++) {
        ch_merkle_root(&l->tree, root);
        if (!ch_same(ch_col_bytes(&l->heads, l->page, l->next, "root"), CH_BYTES(root, sizeof root)) ||
            !ch_verify(l->key, NULL, ch_merkle_statement(l->page, l->tree.size, root),
                       ch_col_bytes(&l->heads, l->page, l->next, "signature")))
            report_log(l, ch_printf(l->page, "the signed head of size %s does not fit the rows",
                                    ch_col(&l->heads, l->next, "size")));
    }
}

static void check_leaf(struct reading *r, struct log *l, const struct ch_rows *leaves, int i)
{
    unsigned char leaf[CH_SM3_BYTES] = {0};
    struct ch_bytes hash = ch_col_bytes(leaves, r->page, i, "hash"), head = ch_col_bytes(leaves, r->page, i, "head");

    if (head.p != NULL) /* otherwise its month was detached, and the signed heads prove whether this leaf was signed */
        ch_merkle_leaf_hash(head, leaf);
    else
        copy_digest(leaf, hash);
    if (!ch_same(hash, CH_BYTES(leaf, sizeof leaf))) {
        printf("log leaf %s: not the hash of its row\n", ch_col(leaves, i, "leaf"));
        l->wrong++;
    }
    ch_merkle_add(&l->tree, leaf);
    check_heads(r, l);
}

static void check_leaves(struct reading *r, struct log *l)
{
    int64_t after = -1;
    struct ch_rows leaves;

    while (l->tree.size < (uint64_t)l->newest &&
           read_page(r, (unsigned long)l->tree.size,
                     CH_CALL(&admin_log_leaves, ch_p_int(r->page, after), ch_p_int(r->page, r->most)), &leaves)) {
        for (int i = 0; i < leaves.n && l->tree.size < (uint64_t)l->newest; i++)
            if (!ch_col_bool(&leaves, i, "lost"))
                check_leaf(r, l, &leaves, i);
        after = ch_col_int(&leaves, leaves.n - 1, "leaf");
        ch_arena_reset(r->page);
    }
}

/* Every leaf must be the hash of its row, and every signed head the root over the leaves before it. */
static unsigned long check_log(struct reading *r, int64_t newest, unsigned long *size)
{
    struct log l = {.newest = newest, .page = ch_arena_new()};

    if (newest > 0) /* otherwise nothing has been signed yet */
        l.key = ch_key_public(ch_printf(l.page, "%s/runner/log-sm2.pub", ch_conf(CONF_KEYS)));
    if (l.key != NULL) {
        check_leaves(r, &l);
        if (!r->broken && next_head_size(r, &l) > 0) /* leaves are missing, or the log was never signed at this size */
            report_log(&l, ch_printf(l.page, "the signed head of size %s fits nowhere", ch_col(&l.heads, l.next, "size")));
    } else if (newest > 0) {
        l.wrong++;
    }
    EVP_PKEY_free(l.key);
    ch_arena_free(l.page);
    *size = (unsigned long)l.tree.size;
    return l.wrong;
}

static bool verify_trail(struct reading *r)
{
    unsigned long rows = 0, size = 0, wrong = 0;
    struct ch_rows there;

    if (!admin_run(r->page, r->db, "admin.audit", CH_CALL0(&admin_audit_size), &there))
        return false;
    int64_t trail = ch_col_int(&there, 0, "rows_"), leaves = ch_col_int(&there, 0, "leaves");
    ch_arena_reset(r->page);
    begin_reading(r, "trail", trail);
    wrong += check_chains(r, &rows);
    begin_reading(r, "log", leaves);
    if (!r->broken)
        wrong += check_log(r, leaves, &size);
    wrong += r->broken;
    printf("%lu rows checked, %lu in the signed log, %lu wrong\n", rows, size, wrong);
    return wrong == 0;
}

int admin_audit(struct ch_arena *a, int argc, char **argv)
{
    struct reading r = {.most = argc == 2 ? strtol(argv[1], NULL, 10) : PAGE};

    if (argc == 3 && strcmp(argv[0], "export") == 0)
        return admin_log_export(a, argv[1], argv[2]);
    if (argc < 1 || argc > 2 || strcmp(argv[0], "verify") != 0 || r.most < 1 || r.most > PAGE_MOST)
        return 2;
    r.db = admin_db();
    if (r.db == NULL)
        return 1;
    r.page = ch_arena_new();
    bool right = verify_trail(&r);
    ch_arena_free(r.page);
    ch_db_close(r.db);
    return right ? 0 : 1;
}
