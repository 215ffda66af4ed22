/* SPDX-License-Identifier: Apache-2.0
 * Papers at rest: what comes back, and every way in which it must not. A bucket that answers is the business of
 * tests/interop/node/s3.test.mjs. */
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "core/crypto/keyfile.h"
#include "core/gateway/s3/s3.h"
#include "core/paper/store.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define CHUNK ((size_t)64 * 1024)
#define TAG 16

static struct ch_arena *a;
static struct ch_ring *ring;
static char dir[] = "/tmp/certhall-store-XXXXXX";
static char s3_url[128] = "";

static void set(void)
{
    assert_true(ch_config_parse(ch_printf(a,
                                          "store = %s\nkeys = %s\ns3_access_key = x\ns3_url = %s\n"
                                          "breaker_failures = 1000\n",
                                          dir, dir, s3_url)));
}

static char *path_of(const char *id)
{
    return ch_printf(a, "%s/%s/%s", dir, id + strlen(id) - 2, id);
}

static struct ch_bytes sample(size_t n)
{
    unsigned char *p = ch_alloc(a, n + 1);

    for (size_t i = 0; i < n; i++)
        p[i] = (unsigned char)(i * 31 + i / 251);
    return CH_BYTES(p, n);
}

static void comes_back_whatever_its_size(void **state)
{
    static const size_t sizes[] = {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7};
    struct ch_bytes key, out;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(sizes); i++) {
        const char *id = ch_uuid7(a);
        struct ch_bytes in = sample(sizes[i]);
        assert_int_equal(ch_store_put(a, NULL, ring, id, in, &key), CH_OK);
        assert_int_equal(ch_store_get(a, NULL, ring, id, key, &out), CH_OK);
        assert_int_equal(out.n, in.n);
        assert_memory_equal(out.p, in.p, in.n);
    }
}

static void nothing_of_it_is_readable(void **state)
{
    const char *id = ch_uuid7(a);
    struct ch_bytes key;
    char text[200] = "";

    (void)state;
    assert_int_equal(ch_store_put(a, NULL, ring, id, CH_LIT("this is the plain text of a paper"), &key), CH_OK);
    FILE *f = fopen(path_of(id), "rb");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text, f);
    fclose(f);
    assert_int_equal(n, 33 + TAG);
    assert_null(memmem(text, n, "plain", 5));
}

static enum ch_err get_fault(const char *id, struct ch_bytes key, struct ch_fault *f)
{
    struct ch_bytes out;

    *f = (struct ch_fault){0};
    return ch_store_get(a, f, ring, id, key, &out);
}

static void change(const char *path, long at)
{
    FILE *f = fopen(path, "r+b");

    assert_non_null(f);
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    int c = fgetc(f);
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    assert_int_equal(fputc(c ^ 1, f), c ^ 1);
    assert_int_equal(fclose(f), 0);
}

static void does_not_open_when_changed_or_cut(void **state)
{
    const char *id = ch_uuid7(a), *other = ch_uuid7(a);
    struct ch_bytes key, other_key;
    struct ch_fault f;

    (void)state;
    assert_int_equal(ch_store_put(a, NULL, ring, id, sample(2 * CHUNK), &key), CH_OK);
    assert_int_equal(ch_store_put(a, NULL, ring, other, sample(5), &other_key), CH_OK);
    assert_int_equal(get_fault(id, other_key, &f), CH_E_INTERNAL); /* another paper's key */
    change(path_of(id), (long)CHUNK + 100);
    assert_int_equal(get_fault(id, key, &f), CH_E_INTERNAL);
    change(path_of(id), (long)CHUNK + 100);
    assert_int_equal(get_fault(id, key, &f), CH_OK);
    assert_int_equal(truncate(path_of(id), (long)CHUNK + TAG), 0); /* a whole chunk is gone */
    assert_int_equal(get_fault(id, key, &f), CH_E_INTERNAL);
}

static void a_paper_that_is_not_there(void **state)
{
    const char *id = ch_uuid7(a);
    struct ch_bytes key;
    struct ch_fault f;

    (void)state;
    assert_int_equal(ch_store_put(a, NULL, ring, id, sample(5), &key), CH_OK);
    assert_int_equal(unlink(path_of(id)), 0);
    assert_int_equal(get_fault(id, key, &f), CH_E_NOT_FOUND);
}

static void a_paper_taken_away(void **state)
{
    const char *id = ch_uuid7(a);
    struct ch_bytes key;
    struct ch_fault f;

    (void)state;
    assert_int_equal(ch_store_put(a, NULL, ring, id, sample(5), &key), CH_OK);
    assert_int_equal(ch_store_delete(a, NULL, id), CH_OK);
    assert_int_equal(access(path_of(id), F_OK), -1);
    assert_int_equal(get_fault(id, key, &f), CH_E_NOT_FOUND);
    assert_int_equal(ch_store_delete(a, NULL, id), CH_OK); /* again: it is gone already */
}

static void a_bucket_that_does_not_answer(void **state)
{
    const char *id = ch_uuid7(a), *old = ch_uuid7(a);
    struct ch_bytes key, old_key;
    struct ch_fault f = {0};

    (void)state;
    assert_int_equal(ch_store_put(a, NULL, ring, old, sample(5), &old_key), CH_OK);
    strcpy(s3_url, "http://127.0.0.1:9/papers");
    set();
    assert_int_equal(ch_store_put(a, &f, ring, id, sample(5), &key), CH_E_UNAVAILABLE);
    assert_non_null(strstr(f.sentence, "文件存储暂时不可用"));
    assert_int_equal(get_fault(id, key, &f), CH_E_UNAVAILABLE);
    assert_int_equal(get_fault(old, old_key, &f), CH_OK); /* in the folder, from before there was a bucket */
    s3_url[0] = '\0';
    set();
}

static void a_bucket_that_is_not_set_up(void **state)
{
    struct ch_answer answer;

    (void)state;
    strcpy(s3_url, "http://192.0.2.1/papers");
    set();
    assert_int_equal(ch_s3_delete(a, NULL, "key", &answer), CH_E_INTERNAL); /* plain http to somewhere else */
    assert_int_equal(ch_s3_delete(a, NULL, "", &answer), CH_E_INTERNAL);
    assert_int_equal(ch_s3_delete(a, NULL, "a b", &answer), CH_E_INTERNAL);
    assert_int_equal(ch_s3_delete(a, NULL, "../papers2/x", &answer), CH_E_INTERNAL);
    s3_url[0] = '\0';
    set();
}

static void what_a_bucket_answers(void **state)
{
    static const struct {
        long status;
        const char *body;
        enum ch_outcome outcome;
        const char *code;
        bool missing;
    } rows[] = {
        {200, "", CH_ACCEPTED, "", false},
        {204, "", CH_ACCEPTED, "", false},
        {404, "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>", CH_REFUSED, "NoSuchKey", true},
        {404, "", CH_REFUSED, "404", true},
        {404, "<Error><Code>NoSuchBucket</Code></Error>", CH_REFUSED, "NoSuchBucket", false},
        {403, "<Error><Code>SignatureDoesNotMatch</Code></Error>", CH_REFUSED, "SignatureDoesNotMatch", false},
        {503, "<Error><Code>SlowDown</Code></Error>", CH_UNKNOWN, "SlowDown", false},
        {500, "<Error><Code>unfinished", CH_UNKNOWN, "unfinished", false},
        {502, "<html>", CH_UNKNOWN, "502", false},
        {307, "", CH_REFUSED, "307", false},
    };

    (void)state;
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        struct ch_answer answer = ch_s3_answer(a, rows[i].status, CH_BYTES(rows[i].body, strlen(rows[i].body)));
        assert_int_equal(answer.outcome, rows[i].outcome);
        assert_string_equal(answer.code, rows[i].code);
        assert_int_equal(ch_s3_missing(&answer), rows[i].missing);
    }
}

/* Everything that is kept and that old, page after page. */
static size_t listed(int64_t seconds_ago, const char *wanted, bool *found)
{
    struct ch_store_page page;
    size_t n = 0;

    *found = false;
    for (const char *from = ""; from != NULL; from = page.next) {
        assert_int_equal(ch_store_list(a, NULL, from, seconds_ago, &page), CH_OK);
        for (size_t i = 0; i < page.n; i++)
            *found = *found || strcmp(page.ids[i], wanted) == 0;
        n += page.n;
    }
    return n;
}

static void make_old(const char *path, int64_t seconds)
{
    const struct timespec at = {.tv_sec = time(NULL) - seconds};

    assert_int_equal(utimensat(AT_FDCWD, path, (const struct timespec[]){at, at}, 0), 0);
}

static void what_lies_there_is_listed_once_it_is_old(void **state)
{
    const char *old = ch_uuid7(a), *young = ch_uuid7(a), *half = ch_printf(a, "%s.new", path_of(old));
    struct ch_bytes key;
    bool found;

    (void)state;
    assert_int_equal(ch_store_put(a, NULL, ring, old, sample(5), &key), CH_OK);
    assert_int_equal(ch_store_put(a, NULL, ring, young, sample(5), &key), CH_OK);
    FILE *f = fopen(half, "wb"); /* a crash before it was renamed */
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
    make_old(path_of(old), 7200);
    assert_int_equal(listed(3600, old, &found), 1);
    assert_true(found);
    assert_int_equal(access(half, F_OK), 0); /* it may be under way */
    make_old(half, 7200);
    assert_int_equal(listed(3600, young, &found), 1);
    assert_false(found);
    assert_int_equal(access(half, F_OK), -1);
    assert_int_equal(listed(10800, old, &found), 0);
    assert_true(listed(-60, young, &found) >= 2);
    assert_true(found);
}

static void what_is_not_ours_is_not_listed(void **state)
{
    const char *path = ch_printf(a, "%s/aa/notes-from-an-operator-about-thisaa", dir);
    bool found;

    (void)state;
    (void)!mkdir(ch_printf(a, "%s/aa", dir), 0770);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
    make_old(path, 7200);
    listed(3600, "notes-from-an-operator-about-thisaa", &found);
    assert_false(found);
}

#define OBJECT(key, at) "<Contents><Key>" key "</Key><LastModified>" at "</LastModified><Size>3</Size></Contents>"
#define LISTING(rest) \
    "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" rest "</ListBucketResult>"

static bool list_read(const char *body, const char *prefix, struct ch_s3_page *page)
{
    return ch_s3_list_read(a, CH_BYTES(body, strlen(body)), prefix, page);
}

static void what_a_bucket_lists(void **state)
{
    struct ch_s3_page page;

    (void)state;
    assert_true(list_read(LISTING("<IsTruncated>true</IsTruncated><NextContinuationToken>a+b/c==</NextContinuationToken>" OBJECT(
                              "hall/one", "2026-11-22T10:00:00.000Z") OBJECT("other/two", "2026-11-22T10:00:00Z")
                                      OBJECT("hall/", "2026-11-22T10:00:00Z") OBJECT("hall/three", "yesterday")
                                          OBJECT("hall/four", "2026-11-22T18:00:01+08:00")),
                          "hall/", &page));
    assert_int_equal(page.n, 2);
    assert_string_equal(page.objects[0].key, "one");
    assert_int_equal(page.objects[0].modified, 1795341600);
    assert_string_equal(page.objects[1].key, "four");
    assert_int_equal(page.objects[1].modified, 1795341601);
    assert_string_equal(page.next, "a+b/c==");
    assert_true(list_read(LISTING("<IsTruncated>false</IsTruncated>"), "", &page));
    assert_int_equal(page.n, 0);
    assert_null(page.next);
    assert_false(list_read(LISTING("<IsTruncated>true</IsTruncated>"), "", &page)); /* more, but not where */
    assert_false(list_read("<html>welcome</html>", "", &page));
    assert_false(list_read("", "", &page));
    assert_true(list_read("<ListBucketResult><Contents><Key>cut", "", &page));
    assert_int_equal(page.n, 0);
}

static int begin(void **state)
{
    struct ch_bytes wrapped;
    uint32_t kek;

    (void)state;
    a = ch_arena_new();
    ch_log_level(CH_ERROR + 1);
    if (mkdtemp(dir) == NULL || mkdir(ch_printf(a, "%s/paper", dir), 0700) != 0 ||
        mkdir(ch_printf(a, "%s/bucket", dir), 0700) != 0 || !ch_keyfile_make(ch_printf(a, "%s/paper/kek-1.key", dir), 0400) ||
        !ch_keyfile_make(ch_printf(a, "%s/bucket/s3-secret.key", dir), 0400) ||
        (ring = ch_ring_open(dir, CH_KEYS_PAPER)) == NULL)
        return 1;
    set();
    ch_ring_make(ring, a, "paper", 1, &kek, &wrapped);
    return !ch_ring_add(ring, "paper", 1, kek, wrapped, true);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    (void)st, (void)flag, (void)at;
    return remove(path);
}

static int end(void **state)
{
    (void)state;
    ch_ring_free(ring);
    ch_arena_free(a);
    return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_whatever_its_size),
        cmocka_unit_test(nothing_of_it_is_readable),
        cmocka_unit_test(does_not_open_when_changed_or_cut),
        cmocka_unit_test(a_paper_that_is_not_there),
        cmocka_unit_test(a_paper_taken_away),
        cmocka_unit_test(a_bucket_that_does_not_answer),
        cmocka_unit_test(a_bucket_that_is_not_set_up),
        cmocka_unit_test(what_a_bucket_answers),
        cmocka_unit_test(what_lies_there_is_listed_once_it_is_old),
        cmocka_unit_test(what_is_not_ours_is_not_listed),
        cmocka_unit_test(what_a_bucket_lists),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
