/* SPDX-License-Identifier: Apache-2.0
 * The cookie of a session: its name and attributes over http and over https, where it is found again, and what a log-out clears. */
#include "core/base/config.h"
#include "core/web/private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define TOKEN "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" /* 32 bytes */
#define OF_HALL "origin = https://hall.example\n"
#define OF_DESK "desk_origin = https://desk.hall.example\n"

static enum ch_err never(struct ch_req *r)
{
    (void)r;
    return CH_OK;
}

static const struct ch_route of_applicant = {"GET", "/x", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "m.applicant", never},
                             of_staff = {"GET", "/y", CH_REVIEWER, NULL, 0, CH_TX_SINGLE, "m.staff", never};

/* The header lines with which a session of the audience begins. */
static void begins(const char *settings, const char *audience, const char *lines)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_req r = {.a = a};

    assert_true(ch_config_parse(settings));
    ch_session_start(&r, audience, TOKEN, 60);
    assert_string_equal(r.reply.headers, lines);
    ch_arena_free(a);
}

/* Whether the browser that sends this cookie has the session that the route asks for. */
static bool known(const char *settings, const struct ch_route *route, const char *cookie)
{
    struct ch_arena *a = ch_arena_new();
    const char *params[] = {ch_printf(a, "HTTP_COOKIE=%s=" TOKEN, cookie), NULL};
    struct ch_req r = {.a = a, .params = params, .route = route};

    assert_true(ch_config_parse(settings));
    enum ch_err e = ch__credential(&r);
    assert_true(e == CH_OK || e == CH_E_UNAUTHENTICATED);
    assert_true((e == CH_OK) == (r.token != NULL && strcmp(r.token, TOKEN) == 0));
    ch_arena_free(a);
    return e == CH_OK;
}

static void over_https_the_cookie_is_of_this_host_alone(void **state)
{
    (void)state;
    begins(OF_HALL, "hall",
           "Set-Cookie: __Host-ch_hall_hall=" TOKEN "; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure\r\n");
    begins(OF_DESK "installation = p1\n", "desk",
           "Set-Cookie: __Host-ch_desk_p1=" TOKEN "; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure\r\n");
}

static void over_http_it_has_no_prefix(void **state)
{
    (void)state;
    begins("", "hall", "Set-Cookie: ch_hall_hall=" TOKEN "; Path=/; HttpOnly; SameSite=Lax; Max-Age=60\r\n");
    begins("", "desk", "Set-Cookie: ch_desk_hall=" TOKEN "; Path=/; HttpOnly; SameSite=Lax; Max-Age=60\r\n");
}

static void each_audience_goes_by_its_own_origin(void **state)
{
    (void)state;
    begins(OF_DESK, "hall", "Set-Cookie: ch_hall_hall=" TOKEN "; Path=/; HttpOnly; SameSite=Lax; Max-Age=60\r\n");
    begins(OF_HALL, "desk", "Set-Cookie: ch_desk_hall=" TOKEN "; Path=/; HttpOnly; SameSite=Lax; Max-Age=60\r\n");
}

static void the_session_is_found_by_that_very_name(void **state)
{
    (void)state;
    assert_true(known("", &of_applicant, "ch_hall_hall"));
    assert_true(known("", &of_staff, "ch_desk_hall"));
    assert_true(known(OF_HALL, &of_applicant, "__Host-ch_hall_hall"));
    assert_true(known(OF_DESK, &of_staff, "__Host-ch_desk_hall"));
}

/* Another host of the domain can set a cookie for the whole domain, but not one with the prefix. */
static void over_https_a_cookie_without_the_prefix_is_nobody(void **state)
{
    (void)state;
    assert_false(known(OF_HALL, &of_applicant, "ch_hall_hall"));
    assert_false(known(OF_DESK, &of_staff, "ch_desk_hall"));
    assert_false(known(OF_HALL, &of_applicant, "__host-ch_hall_hall"));
    assert_false(known(OF_HALL, &of_applicant, "__Host-ch_desk_hall"));
    assert_false(known("", &of_applicant, "__Host-ch_hall_hall"));
}

/* Whether a page of that origin may change something by the path: then only the session is missing. */
static bool may_ask(const char *path, const char *host, const char *origin)
{
    const struct ch_route route = {"POST", path, CH_APPLICANT, NULL, 1, CH_TX_SINGLE, "m.change", never};
    struct ch_arena *a = ch_arena_new();
    const char *params[] = {ch_printf(a, "HTTP_HOST=%s", host), ch_printf(a, "HTTP_ORIGIN=%s", origin), NULL};
    struct ch_req r = {.a = a, .params = params, .route = &route};

    assert_true(ch_config_parse(OF_HALL OF_DESK));
    enum ch_err e = ch__credential(&r);
    assert_true(e == CH_E_CSRF || e == CH_E_UNAUTHENTICATED);
    ch_arena_free(a);
    return e == CH_E_UNAUTHENTICATED;
}

static void hall_and_back_office_do_not_ask_in_each_others_name(void **state)
{
    (void)state;
    assert_true(may_ask("/{slug}/api/x", "hall.example", "https://hall.example"));
    assert_true(may_ask("/desk/api/x", "desk.hall.example", "https://desk.hall.example"));
    assert_true(may_ask("/desk/api/x", "behind.a.proxy", "https://desk.hall.example"));
    assert_false(may_ask("/desk/api/x", "desk.hall.example", "https://hall.example"));
    assert_false(may_ask("/{slug}/api/x", "hall.example", "https://desk.hall.example"));
    assert_false(may_ask("/desk/api/x", "desk.hall.example", "https://evil.example"));
}

static void a_log_out_deletes_the_cookie_and_clears_the_cache_alone(void **state)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_req r = {.a = a};

    (void)state;
    assert_true(ch_config_parse(OF_HALL OF_DESK));
    ch_session_end(&r, "desk");
    assert_string_equal(r.reply.headers, "Set-Cookie: __Host-ch_desk_hall=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure\r\n"
                                         "Clear-Site-Data: \"cache\"\r\n");
    ch_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(over_https_the_cookie_is_of_this_host_alone),
        cmocka_unit_test(over_http_it_has_no_prefix),
        cmocka_unit_test(each_audience_goes_by_its_own_origin),
        cmocka_unit_test(the_session_is_found_by_that_very_name),
        cmocka_unit_test(over_https_a_cookie_without_the_prefix_is_nobody),
        cmocka_unit_test(hall_and_back_office_do_not_ask_in_each_others_name),
        cmocka_unit_test(a_log_out_deletes_the_cookie_and_clears_the_cache_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
