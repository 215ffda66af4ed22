/* SPDX-License-Identifier: Apache-2.0
 * Invented words are as good as those of the specimen, as long, and where they must differ, different. */
#include "core/form/rule.h"
#include "programs/bench/carve.h"
#include "programs/bench/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct ch_arena *a;

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    ch_arena_free(a);
    return 0;
}

static const char *other(enum shape shape, const char *text, int keep, uint64_t seed)
{
    struct words *w = CH_NEW(a, struct words);
    struct inventing with = {.state = &seed, .created = 1795343304615000};
    const char *made[1] = {NULL};

    words_add(a, w, (struct word){.shape = shape, .text = text, .keep = keep, .of = -1});
    assert_int_equal(w->n, 1);
    const char *s = word_invent(a, w, 0, made, &with);
    assert_int_equal(strlen(s), strlen(text));
    return s;
}

static void they_keep_their_rules(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 500; seed++) {
        assert_null(ch_rule_idcard(other(IDCARD, "430102197607242672", 0, seed)));
        assert_null(ch_rule_uscc(other(USCC, "91430102MA5TQXLN68", 0, seed)));
        assert_null(ch_rule_mobile(other(MOBILE, "13900833473", 3, seed)));
        assert_null(ch_rule_mobile(other(ACCOUNT_MOBILE, "13900833473", 3, seed)));
        assert_null(ch_rule_serial(other(HEX, "FEB54FAE1B73E447", 2, seed)));
        assert_null(ch_rule_name(other(UNIT, "示范新禾电子商务有限公司", 0, seed)));
        assert_null(ch_rule_name(other(PERSON, "苏子墨", 0, seed)));
    }
}

static void they_keep_what_is_to_stay(void **state)
{
    (void)state;
    assert_memory_equal(other(HEX, "FEB54FAE1B73E447", 2, 1), "FE", 2);
    assert_memory_equal(other(DIGITS, "SF1795343311953100", 2, 1), "SF", 2);
    assert_memory_equal(other(PERSON, "苏子墨", 0, 1), "苏", 3);
    assert_memory_equal(other(ORDER_NUMBER, "179534330461548421", 0, 1), "1795343304615", 13);
    words_count_from(41, 7, 0);
    assert_string_equal(other(SEAL_CODE, "4301020000001", 6, 1), "4301020000042");
    assert_string_equal(other(FILING_NUMBER, "BA2026112200000001", 10, 1), "BA2026112200000008");
}

static void no_account_has_anothers_number(void **state)
{
    const char *seen[300];

    (void)state;
    words_count_from(0, 0, 0);
    for (size_t i = 0; i < CH_COUNT(seen); i++) {
        seen[i] = other(ACCOUNT_MOBILE, "13900833473", 3, 0);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(seen[i], seen[j]);
    }
}

static void times_are_read_as_they_are_written(void **state)
{
    int64_t micros;
    int form, offset;

    (void)state;
    assert_int_equal(time_read("2026-11-22 10:28:24.7284+00", &micros, &form, &offset), 27);
    assert_true(micros == 1795343304728400);
    assert_int_equal(form, TIME_PLAIN);
    assert_int_equal(time_read("2026-11-22T18:28:24+08:00\"", &micros, &form, &offset), 25);
    assert_true(micros == 1795343304000000);
    assert_int_equal(form, TIME_JSON);
    assert_int_equal(offset, 8 * 3600);
    assert_int_equal(time_read("2026-11-22", &micros, &form, &offset), 0);
    assert_int_equal(time_read("2026-11-22 10:28", &micros, &form, &offset), 0);
}

static void text_is_cut_where_an_order_has_its_own(void **state)
{
    struct mould *m = CH_NEW(a, struct mould);
    struct pieces out = {0};
    const char *s = "a\t01a202cc-c7a7-7551-8b92-64f5becf75d2 of FEB54FAE1B73E447";

    (void)state;
    m->ids = ch_alloc_array(a, 1, sizeof *m->ids);
    strcpy(m->ids[0], "01a202cc-c7a7-7551-8b92-64f5becf75d2");
    m->n_ids = 1;
    words_add(a, &m->words, (struct word){.shape = HEX, .text = "FEB54FAE1B73E447"});
    carve(a, m, &out, s, strlen(s), CARVE_COPY);
    assert_int_equal(out.n, 4);
    assert_memory_equal(out.list[0].p, "a\\t", 3);
    assert_int_equal(out.list[1].kind, PIECE_ID);
    assert_memory_equal(out.list[2].p, " of ", 4);
    assert_int_equal(out.list[3].kind, PIECE_WORD);
    out = (struct pieces){0};
    carve(a, m, &out, "0900feb54fae1b73e447300a", 24, CARVE_HEX);
    assert_int_equal(out.n, 3);
    assert_int_equal(out.list[1].form, WORD_IN_HEX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_keep_their_rules),
        cmocka_unit_test(they_keep_what_is_to_stay),
        cmocka_unit_test(no_account_has_anothers_number),
        cmocka_unit_test(times_are_read_as_they_are_written),
        cmocka_unit_test(text_is_cut_where_an_order_has_its_own),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
