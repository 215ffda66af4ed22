/* SPDX-License-Identifier: Apache-2.0
 * certhall-verify-receipt: says what the receipt of an order proves. It needs the log's public key, and no hall and no database. */
#include "core/base/buf.h"
#include "core/base/version.h"
#include "core/crypto/sign.h"
#include "core/order/receipt.h"

#include <stdio.h>
#include <string.h>

#define FILE_MOST (64L << 20)

static const char help[] = "usage: certhall-verify-receipt KEY FILE\n"
                           "\n"
                           "Checks the receipt of an order (a JSON file that its applicant has downloaded) against the\n"
                           "public key of the authority's log, and says what it proves.\n"
                           "\n"
                           "  KEY   the public key in PEM, which the authority publishes as /log-sm2.pub\n"
                           "  FILE  the receipt; - for standard input\n"
                           "\n"
                           "Ends with 0 when the receipt is genuine, 1 when it is not, 2 when it cannot be checked.\n";

/* What is wrong with a receipt, and what follows. */
static const char *const wrong[] = {
    [CH_RECEIPT_NONE] = "This is no receipt of an order, or a part of it is missing.",
    [CH_RECEIPT_PROOF] = "A row is not in the log that the receipt names: the receipt was changed.",
    [CH_RECEIPT_ORDER] = "Rows are missing, or not in their order: the receipt was changed.",
    [CH_RECEIPT_TEXT] = "The text of a row does not fit its digest: the text was changed.",
    [CH_RECEIPT_SIGNATURE] =
        "The log is not signed with this key: the receipt was made up, or the key is another authority's.",
};

/* The whole file, owned by the arena; p is NULL when it cannot be read. */
static struct ch_bytes read_file(struct ch_arena *a, const char *path)
{
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    char piece[65536];
    struct ch_buf b;
    size_t n;

    if (f == NULL)
        return (struct ch_bytes){0};
    ch_buf_init(&b, a);
    ch_buf_puts(&b, "");
    while ((n = fread(piece, 1, sizeof piece, f)) > 0 && ch_buf_bytes(&b).n < FILE_MOST)
        ch_buf_add(&b, piece, n);
    bool ok = !ferror(f) && n == 0;
    if (f != stdin)
        fclose(f);
    return ok ? ch_buf_bytes(&b) : (struct ch_bytes){0};
}

static void say(const struct ch_receipt *r)
{
    printf("The receipt is genuine.\n\n"
           "Order             %s (by the receipt's own word)\n"
           "Rows of its trail %zu, of which %zu with their text\n"
           "Log               %lld rows, signed %s (by the receipt's own word)\n\n"
           "When the log was signed, these rows were in it, in this order. Since then none of them can have been\n"
           "changed, taken away or moved without the authority's log contradicting this receipt.\n",
           r->order, r->rows, r->told, (long long)r->size, r->signed_at);
    if (r->told > 0)
        printf("The texts are those of the rows, letter by letter.\n");
    printf("A row without a text is proved by its digest: whoever is shown that row can compare.\n");
}

static int verify(struct ch_arena *a, const char *key_path, const char *path)
{
    EVP_PKEY *key = ch_key_public(key_path);
    struct ch_bytes text = read_file(a, path);
    struct ch_receipt receipt;

    if (key == NULL || text.p == NULL) {
        fprintf(stderr, "certhall-verify-receipt: %s: %s\n", key == NULL ? key_path : path,
                key == NULL ? "no public key in PEM" : "cannot be read");
        EVP_PKEY_free(key);
        return 2;
    }
    enum ch_receipt_result result = ch_receipt_read(a, text, &receipt);
    if (result == CH_RECEIPT_GOOD && !ch_receipt_signed(a, &receipt, key))
        result = CH_RECEIPT_SIGNATURE;
    EVP_PKEY_free(key);
    if (result == CH_RECEIPT_GOOD)
        say(&receipt);
    else
        printf("%s\n", wrong[result]);
    return result == CH_RECEIPT_GOOD ? 0 : result == CH_RECEIPT_NONE ? 2 : 1;
}

int main(int argc, char **argv)
{
    if (ch_version_asked(argc, argv))
        return 0;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return fputs(help, stdout) == EOF;
    if (argc != 3) {
        fputs(help, stderr);
        return 2;
    }
    struct ch_arena *a = ch_arena_new();
    int status = verify(a, argv[1], argv[2]);
    ch_arena_free(a);
    return status;
}
