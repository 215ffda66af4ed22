/* SPDX-License-Identifier: Apache-2.0
 * Reading Alipay's bill of a day: unpacking the ZIP, converting GBK, and reading the CSV file. */
#include "core/gateway/alipay/bill.h"

#include "core/base/codec.h"
#include "core/gateway/alipay/answer.h"
#include "core/gateway/amount.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <zip.h>

#define MAX_COLUMNS 64
#define SINGLE_TRADES "业务明细"
#define SUMS "汇总"

/* The columns that are read; there may be others. */
enum column { VENDOR_NO, OUT_TRADE_NO, BUSINESS, ENDED, AMOUNT, REFUND_NO, COLUMNS };
static const char *const column_names[COLUMNS] = {
    [VENDOR_NO] = "支付宝交易号", [OUT_TRADE_NO] = "商户订单号", [BUSINESS] = "业务类型",
    [ENDED] = "完成时间",         [AMOUNT] = "订单金额（元）",   [REFUND_NO] = "退款批次号/请求号",
};

static bool convert_charset(const char *to, const char *from, struct ch_bytes in, char *out, size_t *room)
{
    iconv_t cd = iconv_open(to, from);
    char *src = (char *)in.p, *dst = out;
    size_t left = in.n, whole = *room;

    if (cd == (iconv_t)-1)
        return false;
    bool ok = iconv(cd, &src, &left, &dst, room) != (size_t)-1 && left == 0;
    iconv_close(cd);
    *room = whole - *room;
    return ok;
}

char *ch_alipay_gbk_to_utf8(struct ch_arena *a, struct ch_bytes gbk)
{
    size_t n = gbk.n * 2 + 16;
    char *out = ch_alloc(a, n + 1);

    return convert_charset("UTF-8", "GB18030", gbk, out, &n) ? out : NULL;
}

bool ch_alipay_utf8_to_gbk(struct ch_arena *a, const char *utf8, struct ch_bytes *out)
{
    size_t n = strlen(utf8) * 2 + 16;
    char *p = ch_alloc(a, n);

    if (!convert_charset("GB18030", "UTF-8", CH_BYTES(utf8, strlen(utf8)), p, &n))
        return false;
    *out = CH_BYTES(p, n);
    return true;
}

/* A line of the file, split in place. */
struct line {
    char *values[MAX_COLUMNS];
    size_t n;
};

/* Removes white space at both ends: Alipay puts a tab after numbers so that spreadsheets keep their leading zeros. */
static char *trim(char *s)
{
    s += strspn(s, " \t");
    for (size_t n = strlen(s); n > 0 && strchr(" \t\r", s[n - 1]) != NULL;)
        s[--n] = '\0';
    return s;
}

/* Splits a line at its commas; false when there are too many values. Values are not quoted, since Alipay removes commas from
 * texts that people wrote. */
static bool split_line(char *text, struct line *line)
{
    for (line->n = 0; text != NULL;) {
        char *value = strsep(&text, ",");
        if (line->n == MAX_COLUMNS)
            return false;
        line->values[line->n++] = trim(value);
    }
    return true;
}

static bool find_columns(const struct line *head, size_t at[COLUMNS])
{
    for (size_t c = 0; c < COLUMNS; c++) {
        for (at[c] = 0; at[c] < head->n && strcmp(head->values[at[c]], column_names[c]) != 0;)
            at[c]++;
        if (at[c] == head->n)
            return false;
    }
    return true;
}

/* Reads a row; false when it is not understood. The amount of a refund has a minus sign. */
static bool read_row(const struct line *line, const size_t at[COLUMNS], struct ch_bill_row *row)
{
    const char *business = line->values[at[BUSINESS]], *amount = line->values[at[AMOUNT]];

    *row = (struct ch_bill_row){
        .kind = strcmp(business, "交易") == 0   ? CH_BILL_PAYMENT
                : strcmp(business, "退款") == 0 ? CH_BILL_REFUND
                                                : 0,
        .out_trade_no = line->values[at[OUT_TRADE_NO]],
        .out_refund_no = "",
        .vendor_no = line->values[at[VENDOR_NO]],
        .at = ch_alipay_time(line->values[at[ENDED]]),
    };
    if (row->kind == CH_BILL_REFUND) {
        row->out_refund_no = line->values[at[REFUND_NO]];
        amount += *amount == '-';
    }
    row->amount_fen = ch_amount_read(amount);
    return row->kind != 0 && row->amount_fen >= 0 && row->at > 0 && *row->out_trade_no != '\0' &&
           *row->vendor_no != '\0' && (row->kind == CH_BILL_PAYMENT || *row->out_refund_no != '\0');
}

/* The next line that is neither a comment nor empty; NULL at the end. */
static char *next_line(char **rest)
{
    char *line;

    while ((line = strsep(rest, "\n")) != NULL) {
        line = trim(line);
        if (*line != '\0' && *line != '#')
            return line;
    }
    return NULL;
}

enum ch_err ch_alipay_read_bill_text(struct ch_arena *a, struct ch_fault *f, const char *text,
                                     const struct ch_bill_row **rows, size_t *n)
{
    char *rest = ch_strdup(a, text), *head = next_line(&rest), *one;
    size_t at[COLUMNS], lines = 1, count = 0;
    struct line line;

    for (const char *lf = text; (lf = strchr(lf, '\n')) != NULL; lf++)
        lines++;
    if (lines > CH_BILL_MAX_ROWS)
        return ch_fault(f, CH_E_MALFORMED, "alipay bill: more rows than a day can have");
    if (head == NULL || !split_line(head, &line) || !find_columns(&line, at))
        return ch_fault(f, CH_E_MALFORMED, "alipay bill: a column is missing");
    size_t width = line.n;
    struct ch_bill_row *list = ch_alloc_array(a, lines, sizeof *list);
    while ((one = next_line(&rest)) != NULL) {
        /* A comma in a value shifts all others, so a line with another number of values cannot be trusted. */
        if (!split_line(one, &line) || line.n != width || !read_row(&line, at, &list[count]))
            return ch_fault(f, CH_E_MALFORMED, "alipay bill: row %zu is not understood", count + 1);
        count++;
    }
    *rows = list;
    *n = count;
    return CH_OK;
}

/* The name of a file in the ZIP. It should be GBK, but some tools write UTF-8; NULL when it is neither. */
static const char *entry_name(struct ch_arena *a, zip_t *z, zip_uint64_t i)
{
    const char *raw = zip_get_name(z, i, ZIP_FL_ENC_RAW);

    if (raw == NULL || ch_utf8(raw, strlen(raw), NULL))
        return raw;
    return ch_alipay_gbk_to_utf8(a, CH_BYTES(raw, strlen(raw)));
}

/* The index of the file with the single trades; -1 when there is none, or more than one. */
static int64_t find_entry(struct ch_arena *a, zip_t *z)
{
    int64_t found = -1;

    for (zip_int64_t i = 0, n = zip_get_num_entries(z, 0); i < n && i < 16; i++) {
        const char *name = entry_name(a, z, (zip_uint64_t)i);
        if (name == NULL || strstr(name, SINGLE_TRADES) == NULL || strstr(name, SUMS) != NULL)
            continue;
        if (found >= 0)
            return -1;
        found = i;
    }
    return found;
}

/* Reads a file of the ZIP. The ZIP's directory may give a wrong size, so reading is bounded by the buffer. */
static bool unpack_entry(struct ch_arena *a, zip_t *z, zip_uint64_t i, struct ch_bytes *out)
{
    zip_stat_t st;
    zip_file_t *file = NULL;

    if (zip_stat_index(z, i, 0, &st) == 0 && (st.valid & ZIP_STAT_SIZE) != 0 && st.size <= CH_ALIPAY_BILL_UNPACKED)
        file = zip_fopen_index(z, i, 0);
    if (file == NULL)
        return false;
    unsigned char *p = ch_alloc(a, st.size + 1);
    zip_int64_t n = zip_fread(file, p, st.size + 1);
    bool whole = n >= 0 && (zip_uint64_t)n == st.size;
    bool checked = zip_fclose(file) == 0;
    *out = CH_BYTES(p, whole ? (size_t)n : 0);
    return whole && checked;
}

/* Reads the file with the single trades out of the ZIP. */
static bool read_trades_file(struct ch_arena *a, struct ch_bytes zip, struct ch_bytes *gbk)
{
    zip_source_t *source = zip_source_buffer_create(zip.p, zip.n, 0, NULL);
    zip_t *z = source != NULL ? zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, NULL) : NULL;

    if (z == NULL) {
        zip_source_free(source);
        return false;
    }
    int64_t i = find_entry(a, z);
    bool ok = i >= 0 && unpack_entry(a, z, (zip_uint64_t)i, gbk);
    zip_discard(z);
    return ok;
}

enum ch_err ch_alipay_read_bill(struct ch_arena *a, struct ch_fault *f, struct ch_bytes zip,
                                const struct ch_bill_row **rows, size_t *n)
{
    struct ch_bytes gbk;

    if (!read_trades_file(a, zip, &gbk))
        return ch_fault(f, CH_E_MALFORMED, "alipay bill: no ZIP with one file of trades");
    const char *text = memchr(gbk.p, 0, gbk.n) == NULL ? ch_alipay_gbk_to_utf8(a, gbk) : NULL;
    if (text == NULL)
        return ch_fault(f, CH_E_MALFORMED, "alipay bill: the file is not GBK text");
    return ch_alipay_read_bill_text(a, f, text, rows, n);
}
