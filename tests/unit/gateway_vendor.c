/* SPDX-License-Identifier: Apache-2.0
 * Repetition and the circuit breaker, in one process and between several. */
#include "core/base/clock.h"
#include "core/gateway/vendor.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct ch_arena *a;
static char folder[] = "/tmp/vendor-XXXXXX";

/* A vendor that gives its answers in turn; the last one for ever. */
struct script {
    enum ch_outcome answers[8];
    size_t n, calls;
    enum ch_err e;
};

static enum ch_err play(struct ch_arena *arena, struct ch_fault *f, void *call, struct ch_answer *answer)
{
    struct script *s = call;
    size_t i = s->calls < s->n ? s->calls : s->n - 1;

    (void)arena;
    (void)f;
    s->calls++;
    *answer = (struct ch_answer){s->answers[i], s->answers[i] == CH_UNKNOWN ? "no_answer" : "", "said", ""};
    return s->e;
}

static enum ch_outcome ask(enum ch_vendor v, enum ch_repeat repeat, struct script *s, struct ch_answer *answer)
{
    struct ch_fault f = {0};

    assert_int_equal(ch_vendor_call(a, &f, v, repeat, play, s, answer), CH_OK);
    return answer->outcome;
}

static void sleep_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

static void repeats_what_may_be_repeated(void **state)
{
    struct script twice = {{CH_UNKNOWN, CH_ACCEPTED}, 2, 0, CH_OK}, never = {{CH_UNKNOWN}, 1, 0, CH_OK};
    struct ch_answer answer;

    (void)state;
    assert_int_equal(ask(CH_V_SF, CH_REPEAT, &twice, &answer), CH_ACCEPTED);
    assert_int_equal(twice.calls, 2);
    assert_int_equal(ask(CH_V_SF, CH_REPEAT, &never, &answer), CH_UNKNOWN);
    assert_int_equal(never.calls, 3);
    ch_vendor_close(CH_V_SF);
}

static void money_is_tried_once(void **state)
{
    struct script s = {{CH_UNKNOWN, CH_ACCEPTED}, 2, 0, CH_OK};
    struct ch_answer answer;

    (void)state;
    assert_int_equal(ask(CH_V_CMB, CH_ONE_TRY, &s, &answer), CH_UNKNOWN);
    assert_int_equal(s.calls, 1);
}

static void a_refusal_is_an_answer(void **state)
{
    struct script s = {{CH_REFUSED}, 1, 0, CH_OK};
    struct ch_vendor_state v;
    struct ch_answer answer;

    (void)state;
    for (int i = 0; i < 20; i++)
        assert_int_equal(ask(CH_V_OCR, CH_REPEAT, &s, &answer), CH_REFUSED);
    ch_vendor_state(CH_V_OCR, &v);
    assert_int_equal(v.circuit, CH_CIRCUIT_CLOSED);
    assert_int_equal(v.good, 20);
    assert_int_equal(s.calls, 20);
}

static void what_was_not_sent_counts_for_nothing(void **state)
{
    struct script s = {{CH_UNKNOWN}, 1, 0, CH_E_INTERNAL};
    struct ch_vendor_state v;
    struct ch_answer answer;
    struct ch_fault f = {0};

    (void)state;
    for (int i = 0; i < 9; i++)
        assert_int_equal(ch_vendor_call(a, &f, CH_V_S3, CH_ONE_TRY, play, &s, &answer), CH_E_INTERNAL);
    ch_vendor_state(CH_V_S3, &v);
    assert_int_equal(v.circuit, CH_CIRCUIT_CLOSED);
    assert_int_equal(v.bad, 0);
}

static void opens_tries_and_closes(void **state)
{
    struct script bad = {{CH_UNKNOWN}, 1, 0, CH_OK}, good = {{CH_ACCEPTED}, 1, 0, CH_OK};
    struct ch_vendor_state v;
    struct ch_answer answer;

    (void)state;
    for (int i = 0; i < 3; i++) /* breaker_failures */
        ask(CH_V_JD, CH_ONE_TRY, &bad, &answer);
    assert_int_equal(ask(CH_V_JD, CH_ONE_TRY, &good, &answer), CH_UNKNOWN);
    assert_string_equal(answer.code, "circuit_open");
    assert_int_equal(good.calls, 0);
    ch_vendor_state(CH_V_JD, &v);
    assert_int_equal(v.circuit, CH_CIRCUIT_OPEN);
    assert_string_equal(v.why, "no_answer: said");
    sleep_ms(1100); /* breaker_seconds */
    assert_true(ch_vendor_admits(CH_V_JD));
    assert_false(ch_vendor_admits(CH_V_JD)); /* one tries, the others wait for what comes of it */
    ch_vendor_report(CH_V_JD, &(struct ch_answer){CH_UNKNOWN, "no_answer", "", ""});
    assert_false(ch_vendor_admits(CH_V_JD)); /* it has failed: the wait begins anew */
    sleep_ms(1100);
    assert_int_equal(ask(CH_V_JD, CH_ONE_TRY, &good, &answer), CH_ACCEPTED);
    ch_vendor_state(CH_V_JD, &v);
    assert_int_equal(v.circuit, CH_CIRCUIT_CLOSED);
}

static void an_operator_closes_it(void **state)
{
    struct script bad = {{CH_UNKNOWN}, 1, 0, CH_OK}, good = {{CH_ACCEPTED}, 1, 0, CH_OK};
    struct ch_answer answer;

    (void)state;
    for (int i = 0; i < 3; i++)
        ask(CH_V_NUONUO, CH_ONE_TRY, &bad, &answer);
    ch_vendor_close(CH_V_NUONUO);
    assert_int_equal(ask(CH_V_NUONUO, CH_ONE_TRY, &good, &answer), CH_ACCEPTED);
}

static bool configure(const char *where)
{
    char text[256];

    snprintf(text, sizeof text, "vendor_state = %s/state\nbreaker_failures = 3\nbreaker_seconds = 1\n", where);
    return ch_config_parse(text);
}

/* What this program does when it is started with a folder: a process that maps the file by itself. */
static int fail_alipay(const char *where)
{
    if (!configure(where))
        return 1;
    for (int i = 0; i < 3; i++)
        ch_vendor_report(CH_V_ALIPAY, &(struct ch_answer){CH_UNKNOWN, "no_answer", "elsewhere", ""});
    return 0;
}

static int in_another_process(void)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(10);
        execl("/proc/self/exe", "gateway_vendor", folder, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void other_processes_see_it(void **state)
{
    struct ch_vendor_state v;

    (void)state;
    assert_int_equal(in_another_process(), 0);
    ch_vendor_state(CH_V_ALIPAY, &v);
    assert_int_equal(v.circuit, CH_CIRCUIT_OPEN);
    assert_string_equal(v.why, "no_answer: elsewhere");
}

/* Reports as fast as it can until it is killed, so that sooner or later it dies while it holds the lock. */
static void report_for_ever(void)
{
    for (;;)
        ch_vendor_report(CH_V_FACEID, &(struct ch_answer){CH_ACCEPTED, "", "", ""});
}

static void a_killed_process_holds_nobody_up(void **state)
{
    struct ch_vendor_state v;

    (void)state;
    ch_vendor_state(CH_V_FACEID, &v);
    int64_t before = v.good;
    for (int i = 0; i < 50; i++) {
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            report_for_ever();
        do { /* until it is at it, whatever else the machine has to do */
            sleep_ms(2);
            ch_vendor_state(CH_V_FACEID, &v);
        } while (v.good == before);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        ch_vendor_state(CH_V_FACEID, &v); /* would hang */
        before = v.good;
    }
}

static void words_are_unique_and_found(void **state)
{
    enum ch_vendor v;

    (void)state;
    for (int i = 0; i < CH_V__COUNT; i++) {
        assert_true(ch_vendor_find(ch_vendor_row((enum ch_vendor)i)->word, &v));
        assert_int_equal(v, i);
    }
    assert_false(ch_vendor_find("nobody", &v));
}

static int set_up(void **state)
{
    (void)state;
    a = ch_arena_new();
    assert_non_null(mkdtemp(folder));
    return configure(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    char path[64];

    (void)state;
    snprintf(path, sizeof path, "%s/state", folder);
    unlink(path);
    rmdir(folder);
    ch_arena_free(a);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_unique_and_found),
        cmocka_unit_test(repeats_what_may_be_repeated),
        cmocka_unit_test(money_is_tried_once),
        cmocka_unit_test(a_refusal_is_an_answer),
        cmocka_unit_test(what_was_not_sent_counts_for_nothing),
        cmocka_unit_test(opens_tries_and_closes),
        cmocka_unit_test(an_operator_closes_it),
        cmocka_unit_test(other_processes_see_it),
        cmocka_unit_test(a_killed_process_holds_nobody_up),
    };
    return argc == 2 ? fail_alipay(argv[1]) : cmocka_run_group_tests(tests, set_up, tear_down);
}
