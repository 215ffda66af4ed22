/* SPDX-License-Identifier: Apache-2.0
 * Reading the file of WeChat Pay's bill. Values are separated by ",`", since the name of the goods may contain commas. */
#include "core/gateway/wechatpay/bill.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/gateway/amount.h"

#include <stdio.h>
#include <string.h>

#define MAX_COLUMNS 64
#define MAX_LINE 16384

enum column { TIME, TRANSACTION, ORDER, STATE, REFUND, REFUND_STATE, ORDER_FEN, REFUND_FEN, COLUMNS };

/* Payments and refunds have two amounts each. The one before coupons is read, since that is what we asked for. */
static const char *const names[COLUMNS] = {
    [TIME] = "交易时间",       [TRANSACTION] = "微信订单号", [ORDER] = "商户订单号",   [STATE] = "交易状态",
    [REFUND] = "商户退款单号", [REFUND_STATE] = "退款状态",  [ORDER_FEN] = "订单金额", [REFUND_FEN] = "申请退款金额",
};

struct reader {
    struct ch_arena *a;
    const char *at, *end;
    size_t place[COLUMNS]; /* the index of each column in a line */
    size_t cap;            /* allocated rows */
    struct ch_wechatpay_bill *out;
};

/* The next line without its line end; NULL at the end of the file or when the line is too long. */
static char *next_line(struct reader *r)
{
    const char *lf = r->at < r->end ? memchr(r->at, '\n', (size_t)(r->end - r->at)) : NULL;
    size_t n = (size_t)((lf != NULL ? lf : r->end) - r->at);

    if (r->at >= r->end || n > MAX_LINE)
        return NULL;
    char *line = ch_strndup(r->a, r->at, n);
    r->at += n + (lf != NULL);
    if (n > 0 && line[n - 1] == '\r')
        line[n - 1] = '\0';
    return line;
}

/* Splits `line` in place. Returns the number of pieces, or MAX_COLUMNS + 1 when there are more than MAX_COLUMNS. */
static size_t split(char *line, const char *separator, char *pieces[MAX_COLUMNS])
{
    size_t n = 0;

    for (char *next = line; next != NULL; n++) {
        if (n == MAX_COLUMNS)
            return MAX_COLUMNS + 1;
        char *end = strstr(next, separator);
        pieces[n] = next;
        next = NULL;
        if (end != NULL) {
            *end = '\0';
            next = end + strlen(separator);
        }
    }
    return n;
}

/* Splits the line of a trade; 0 when it is not one. */
static size_t split_values(char *line, char *values[MAX_COLUMNS])
{
    size_t n = line[0] == '`' ? split(line + 1, ",`", values) : 0;
    return n <= MAX_COLUMNS ? n : 0;
}

/* Finds the columns by their names; returns how many the file has, or 0 when one that we need is missing. */
static size_t find_columns(struct reader *r, char *line)
{
    char *columns[MAX_COLUMNS];
    size_t n = split(line, ",", columns);

    if (n > MAX_COLUMNS)
        return 0;
    for (size_t c = 0; c < COLUMNS; c++) {
        r->place[c] = MAX_COLUMNS;
        for (size_t i = 0; i < n; i++)
            if (strcmp(columns[i], names[c]) == 0)
                r->place[c] = i;
        if (r->place[c] == MAX_COLUMNS)
            return 0;
    }
    return n;
}

static struct ch_bill_row *add_row(struct reader *r)
{
    struct ch_wechatpay_bill *out = r->out;

    if (out->n == CH_BILL_MAX_ROWS)
        return NULL;
    if (out->n == r->cap) {
        size_t cap = r->cap > 0 ? r->cap * 2 : 64;
        struct ch_bill_row *rows = ch_alloc_array(r->a, cap, sizeof *rows);
        if (out->n > 0)
            memcpy(rows, out->rows, out->n * sizeof *rows);
        out->rows = rows;
        r->cap = cap;
    }
    return &out->rows[out->n++];
}

/* Reads the line of a trade; returns what is wrong with it, or NULL. A revoked order counts as a refund, without a refund
 * number of ours. */
static const char *read_row(struct reader *r, char *const values[])
{
    const char *state = values[r->place[STATE]];
    bool paid = strcmp(state, "SUCCESS") == 0;

    if (!paid && strcmp(state, "REFUND") != 0 && strcmp(state, "REVOKED") != 0)
        return "an unknown state";
    if (!paid && strcmp(values[r->place[REFUND_STATE]], "FAIL") == 0)
        return NULL;
    struct ch_bill_row row = {
        .kind = paid ? CH_BILL_PAYMENT : CH_BILL_REFUND,
        .out_trade_no = values[r->place[ORDER]],
        .out_refund_no = paid ? "" : values[r->place[REFUND]],
        .vendor_no = values[r->place[TRANSACTION]],
        .amount_fen = ch_amount_read(values[r->place[paid ? ORDER_FEN : REFUND_FEN]]),
        .at = ch_parse_beijing(values[r->place[TIME]]),
    };
    if (*row.out_trade_no == '\0' || *row.vendor_no == '\0' || row.amount_fen < 0 || row.at < 0)
        return "a line without a number, an amount or a time";
    struct ch_bill_row *to = add_row(r);
    if (to == NULL)
        return "too many lines";
    *to = row;
    return NULL;
}

/* The line after the last trade has the names of the sums, and the next one their values, of which the first is the number of
 * trades. */
static bool sums_match(struct reader *r, const char *headings, size_t lines)
{
    char *values[MAX_COLUMNS], *line = next_line(r);
    size_t n = line != NULL ? split_values(line, values) : 0;
    char count[24];

    snprintf(count, sizeof count, "%zu", lines);
    return strncmp(headings, "总交易单数,", sizeof "总交易单数," - 1) == 0 && n > 0 && strcmp(values[0], count) == 0;
}

static const char *read_lines(struct reader *r, size_t columns)
{
    char *values[MAX_COLUMNS], *line;
    size_t lines = 0;

    for (; (line = next_line(r)) != NULL && line[0] == '`'; lines++) {
        if (split_values(line, values) != columns)
            return "a line does not have the columns that the first line names";
        const char *wrong = read_row(r, values);
        if (wrong != NULL)
            return wrong;
    }
    return line != NULL && sums_match(r, line, lines) ? NULL : "the file's own sums are missing or do not match";
}

const char *ch_wechatpay_bill_read(struct ch_arena *a, struct ch_bytes file, struct ch_wechatpay_bill *out)
{
    static const char mark[] = "\xef\xbb\xbf"; /* byte order mark: some files have it */
    struct reader r = {.a = a, .at = (const char *)file.p, .out = out};

    *out = (struct ch_wechatpay_bill){0};
    if (!ch_utf8((const char *)file.p, file.n, NULL))
        return "the file is not UTF-8 text";
    r.end = r.at + file.n;
    if (file.n >= sizeof mark - 1 && memcmp(file.p, mark, sizeof mark - 1) == 0)
        r.at += sizeof mark - 1;
    char *head = next_line(&r);
    size_t columns = head != NULL ? find_columns(&r, head) : 0;
    if (columns == 0)
        return "the first line does not name the columns";
    const char *wrong = read_lines(&r, columns);
    if (wrong != NULL)
        *out = (struct ch_wechatpay_bill){0};
    return wrong;
}
