/* SPDX-License-Identifier: Apache-2.0
 * The signer's socket with the runner's client, and with callers that stall, lie, or may not call. */
#include "programs/signer/server.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/log.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define ORDER "0192f3a0-0000-7000-8000-0000000000ff"
#define PATIENCE_MS 300

static char dir[] = "/tmp/certhall-server-XXXXXX";
static char path[64];
static struct ch_arena *a;
static struct peers peers;
static volatile sig_atomic_t stop;
static volatile int served;

static enum ch_ca_status handler(void *context, const struct request *r, char *text)
{
    (void)context;
    served++;
    if (r->op == CH_CA_ISSUE) {
        strcpy(text, "conflict");
        return CH_CA_REFUSED;
    }
    return r->op == CH_CA_PIN ? CH_CA_UNAVAILABLE : CH_CA_DONE;
}

static void *serve(void *listener)
{
    server_run(*(int *)listener, &peers, PATIENCE_MS, handler, NULL, &stop, NULL);
    return NULL;
}

static struct running {
    pthread_t thread;
    int listener;
} running;

static void start(void)
{
    stop = 0;
    running.listener = server_listen(path);
    assert_true(running.listener >= 0);
    assert_int_equal(pthread_create(&running.thread, NULL, serve, &running.listener), 0);
}

static int dial(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    struct timeval limit = {5, 0};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strcpy(to.sun_path, path);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
}

static void finish(void)
{
    stop = 1;
    close(dial()); /* wakes it */
    pthread_join(running.thread, NULL);
    close(running.listener);
}

static void answers_the_client(void **state)
{
    struct ch_fault f = {0};
    struct stat st;

    (void)state;
    start();
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0660);
    assert_int_equal(ch_ca_call(a, &f, CH_CA_PING, ""), CH_OK);
    assert_int_equal(ch_ca_call(a, &f, CH_CA_PIN, ORDER), CH_E_UNAVAILABLE);
    f = (struct ch_fault){0};
    assert_int_equal(ch_ca_call(a, &f, CH_CA_ISSUE, ORDER), CH_E_CONFLICT);
    assert_non_null(strstr(f.detail, "conflict"));
    assert_int_equal(ch_ca_call(a, &f, CH_CA_PIN, "not an id"), CH_E_INTERNAL);
    finish();
}

static void nobody_listens(void **state)
{
    struct ch_fault f = {0};

    (void)state;
    unlink(path);
    assert_int_equal(ch_ca_call(a, &f, CH_CA_PING, ""), CH_E_UNAVAILABLE);
}

static void takes_over_a_dead_socket_only(void **state)
{
    (void)state;
    start();
    assert_int_equal(server_listen(path), -1); /* alive */
    finish();
    start(); /* the file is still there */
    assert_int_equal(ch_ca_call(a, NULL, CH_CA_PING, ""), CH_OK);
    finish();
}

/* More callers than there are places are silent; one that sends a request is served at once nevertheless. */
static void stalled_callers_hold_up_nobody(void **state)
{
    int stalled[80];
    char byte;

    (void)state;
    start();
    for (size_t i = 0; i < CH_COUNT(stalled); i++) {
        stalled[i] = dial();
        assert_int_equal(send(stalled[i], "\0\0", i % 3, MSG_NOSIGNAL), i % 3);
    }
    int64_t before = ch_tick_ms();
    assert_int_equal(ch_ca_call(a, NULL, CH_CA_PING, ""), CH_OK);
    assert_true(ch_tick_ms() - before < 1000);
    for (size_t i = 0; i < CH_COUNT(stalled); i++) {
        assert_true(recv(stalled[i], &byte, 1, 0) <= 0); /* hung up on within its patience */
        close(stalled[i]);
    }
    assert_true(ch_tick_ms() - before < 3000);
    finish();
}

static void malformed_is_told_so(void **state)
{
    unsigned char in[32];
    int fd;

    (void)state;
    start();
    int before = served;
    fd = dial();
    assert_int_equal(send(fd, "GET / HTTP/1.1\r\n", 16, MSG_NOSIGNAL), 16);
    assert_int_equal(recv(fd, in, sizeof in, 0), 14);
    assert_int_equal(in[4], CH_CA_MALFORMED);
    assert_int_equal(recv(fd, in, sizeof in, 0), 0);
    close(fd);
    assert_int_equal(served, before);
    finish();
}

/* A caller that sends one byte at a time, within the time limit, is served like any other. */
static void request_in_pieces(void **state)
{
    static const char ping[] = "\0\0\0\x01\x03";
    unsigned char in[32];

    (void)state;
    start();
    int fd = dial();
    for (size_t i = 0; i < sizeof ping - 1; i++) {
        assert_int_equal(send(fd, ping + i, 1, MSG_NOSIGNAL), 1);
        usleep(10000);
    }
    assert_int_equal(recv(fd, in, sizeof in, 0), 5);
    assert_int_equal(in[4], CH_CA_DONE);
    close(fd);
    finish();
}

static void strangers_are_turned_away(void **state)
{
    char byte;

    (void)state;
    struct peers own = peers;
    peers.uid[0] = geteuid() + 1;
    start();
    int before = served, fd = dial();
    assert_true(send(fd, "\0\0\0\x01\x03", 5, MSG_NOSIGNAL) <= 5);
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    close(fd);
    finish();
    assert_int_equal(served, before);
    peers = own;
}

static void peer_lists(void **state)
{
    struct peers p;

    (void)state;
    assert_true(peers_parse("", &p));
    assert_int_equal(p.n, 1);
    assert_int_equal(p.uid[0], geteuid());
    assert_true(peers_parse("root, 1234", &p));
    assert_int_equal(p.n, 2);
    assert_int_equal(p.uid[0], 0);
    assert_int_equal(p.uid[1], 1234);
    assert_false(peers_parse("no-such-user-here", &p));
    assert_false(peers_parse("12x", &p));
    assert_false(peers_parse("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", &p));
}

static int begin(void **state)
{
    char conf[128];

    (void)state;
    ch_log_level(CH_ERROR + 1); /* the refusals are meant */
    a = ch_arena_new();
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/s.sock", dir);
    snprintf(conf, sizeof conf, "signer = %s\n", path);
    return ch_config_parse(conf) && peers_parse("", &peers) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    unlink(path);
    rmdir(dir);
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_the_client),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(takes_over_a_dead_socket_only),
        cmocka_unit_test(stalled_callers_hold_up_nobody),
        cmocka_unit_test(malformed_is_told_so),
        cmocka_unit_test(request_in_pieces),
        cmocka_unit_test(strangers_are_turned_away),
        cmocka_unit_test(peer_lists),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
