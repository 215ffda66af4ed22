/* SPDX-License-Identifier: Apache-2.0
 * certhall-verify-log: checks an export of the authority's whole signed log, and whether a later export goes on from an earlier one. It
 * needs the log's public key, and no hall and no database. */
#include "core/base/version.h"
#include "core/crypto/sign.h"
#include "core/order/log_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: certhall-verify-log KEY FILE [LATER]\n"
    "\n"
    "Checks an export of the authority's signed log (lines of JSON, from certhall-admin audit export\n"
    "or from the auditor's page) against the log's public key, and says what it proves.\n"
    "\n"
    "  KEY    the public key in PEM, which the authority publishes as /log-sm2.pub\n"
    "  FILE   the export; - for standard input\n"
    "  LATER  an export of a later day, which must go on from the first one\n"
    "\n"
    "Ends with 0 when all is as it was signed, 1 when it is not, 2 when it cannot be checked.\n";

/* What is wrong, and what follows. */
static const char *const wrong[] = {
    [CH_LOG_NONE] = "This is no line of an export of the log, or a part of it is missing.",
    [CH_LOG_LEAF] = "A row is not in its place: rows before it were removed, added or moved.",
    [CH_LOG_CHAIN] = "A row is not the next one of its subject: a row was removed, added or moved.",
    [CH_LOG_TEXT] = "The text of a row does not have its digest: the row was changed.",
    [CH_LOG_ROOT] = "The signed head is not that of the rows before it: a row was changed, removed, added or moved.",
    [CH_LOG_SIGNATURE] = "The head is not signed with this key: it was forged, or the key is another authority's.",
    [CH_LOG_HEAD] = "A signed head is not where its rows end: rows or heads were removed, added or moved.",
    [CH_LOG_UNSIGNED] = "The last rows have no signed head: nobody has signed them.",
    [CH_LOG_COUNT] = "Lines are missing or were added: there are not as many as the last line says.",
    [CH_LOG_MARK] = "The lines are not those that were exported, although what was signed is as it was.",
    [CH_LOG_AFTER] = "Something follows the last line.",
    [CH_LOG_CUT] = "The file is cut off: its last line is missing.",
    [CH_LOG_FORKED] =
        "The two exports contradict each other: the log was rewritten, and signed once more. Keep both files; they prove it.",
    [CH_LOG_HEADS] = "A signed head of the earlier export is missing in the later one, or another one.",
    [CH_LOG_SHORTER] = "The second export ends before the first one. Name the earlier one first.",
};

/* Reads a file line by line into the check. *line is the number of the line that was read last. */
static enum ch_log_result check_lines(struct ch_log_check *c, FILE *f, char *piece, unsigned long *line)
{
    enum ch_log_result result = CH_LOG_GOOD;

    while (result == CH_LOG_GOOD && fgets(piece, (int)CH_LOG_LINE_MOST, f) != NULL) {
        size_t n = strlen(piece); /* a NUL in a line ends it, and then it has no line feed */
        ++*line;
        if (n == 0 || piece[n - 1] != '\n')
            return feof(f) ? CH_LOG_CUT : CH_LOG_NONE;
        result = ch_log_check_line(c, CH_BYTES(piece, n - 1));
    }
    return result == CH_LOG_GOOD ? ch_log_check_end(c) : result;
}

static void say_contents(const char *path, const struct ch_log_seen *s)
{
    printf("%s\n"
           "  rows     %lld, of %lld subjects%s\n"
           "  heads    %lld, signed from %s to %s (by their own word)\n",
           path, (long long)(s->leaves - s->bare), (long long)s->subjects, s->bare > 0 ? "" : ", complete",
           (long long)s->heads, s->first_at, s->last_at);
    if (s->bare > 0)
        printf("  digests  %lld more rows, whose text is not in the file any more\n", (long long)s->bare);
}

static int say_wrong(const char *path, unsigned long line, enum ch_log_result result)
{
    printf("%s, line %lu: %s\n", path, line, wrong[result]);
    return result == CH_LOG_NONE || result == CH_LOG_SHORTER ? 2 : 1;
}

/* Checks one export; *seen is what it says. Returns the exit status. */
static int check_file(EVP_PKEY *key, const char *path, const struct ch_log_seen *earlier, struct ch_log_seen *seen)
{
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    char *piece = malloc(CH_LOG_LINE_MOST);
    unsigned long line = 0;

    if (f == NULL || piece == NULL) {
        fprintf(stderr, "certhall-verify-log: %s: cannot be read\n", path);
        free(piece);
        return 2;
    }
    struct ch_log_check *c = ch_log_check_new(key, earlier);
    enum ch_log_result result = check_lines(c, f, piece, &line);
    int status = result == CH_LOG_GOOD ? 0 : say_wrong(path, line, result);
    *seen = *ch_log_check_seen(c);
    ch_log_check_free(c);
    free(piece);
    if (f != stdin)
        fclose(f);
    return status;
}

static void say_proof(int files, const struct ch_log_seen *last)
{
    if (files == 2)
        printf("\nThe later export goes on from the earlier one: it has all of its rows and signed heads, unchanged.\n");
    printf("\nThe log is as it was signed.\n\n"
           "Every row has the digest that the log has for it, follows the row of its subject before it, and stands where\n"
           "it stood when it was signed. Every signed head goes on from the heads before it. So no row can have been\n"
           "changed, removed, added or moved since the first head after it was signed, without the key of the log.\n"
           "It proves nothing about rows after leaf %lld. Whoever has an older export or a receipt can compare.\n",
           (long long)last->leaves - 1);
}

static int verify(int files, char **paths, EVP_PKEY *key)
{
    struct ch_log_seen seen[2];
    int status = check_file(key, paths[0], NULL, &seen[0]);

    if (status == 0 && files == 2)
        status = check_file(key, paths[1], &seen[0], &seen[1]);
    if (status != 0)
        return status;
    for (int i = 0; i < files; i++)
        say_contents(paths[i], &seen[i]);
    say_proof(files, &seen[files - 1]);
    return 0;
}

int main(int argc, char **argv)
{
    if (ch_version_asked(argc, argv))
        return 0;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return fputs(help, stdout) == EOF;
    if (argc < 3 || argc > 4) {
        fputs(help, stderr);
        return 2;
    }
    EVP_PKEY *key = ch_key_public(argv[1]);
    if (key == NULL) {
        fprintf(stderr, "certhall-verify-log: %s: no public key in PEM\n", argv[1]);
        return 2;
    }
    int status = verify(argc - 2, argv + 2, key);
    EVP_PKEY_free(key);
    return status;
}
