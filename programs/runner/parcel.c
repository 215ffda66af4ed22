/* SPDX-License-Identifier: Apache-2.0
 * Parcels: they are ordered at the courier, cancelled there, and tracked until the recipient has signed for them. Our number is
 * committed before the call; a courier that gets the same number again answers with the waybill that it already has. */
#include "programs/runner/runner.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/gateway/jd/jd.h"
#include "core/gateway/sf/sf.h"

#include <string.h>

#define CARGO "数字证书介质"
#define MOST_LOOKS 500 /* about three weeks, once an hour */

/* JD Logistics does not need the recipient's mobile number. */
static enum ch_err jd_routes(struct ch_arena *a, struct ch_fault *f, const char *waybill, const char *mobile,
                             struct ch_answer *answer, struct ch_routes *routes)
{
    (void)mobile;
    return ch_jd_routes(a, f, waybill, answer, routes);
}

static const struct carrier {
    const char *code;
    enum ch_err (*order)(struct ch_arena *a, struct ch_fault *f, const struct ch_parcel *parcel,
                         struct ch_answer *answer, struct ch_waybill *waybill);
    enum ch_err (*cancel)(struct ch_arena *a, struct ch_fault *f, const char *order_id, struct ch_answer *answer);
    enum ch_err (*routes)(struct ch_arena *a, struct ch_fault *f, const char *waybill, const char *mobile,
                          struct ch_answer *answer, struct ch_routes *routes);
} carriers[] = {
    {"sf", ch_sf_order, ch_sf_cancel, ch_sf_routes},
    {"jd", ch_jd_order, ch_jd_cancel, jd_routes},
};

struct job_data {
    struct ch_rows row;
    const struct carrier *carrier; /* NULL for a courier without an interface */
    const struct ch_json *form;
};

static const char *col(const struct job_data *d, const char *name)
{
    return ch_col(&d->row, 0, name);
}

static bool col_is(const struct job_data *d, const char *column, const char *value)
{
    const char *s = col(d, column);
    return s != NULL && strcmp(s, value) == 0;
}

/* Reads the parcel and its order's form. False when the job ends here, with *ended. */
static bool read_parcel(struct work *w, struct job_data *d, enum end *ended)
{
    *d = (struct job_data){.carrier = NULL};
    if (!read_job(w, CH_CALL(&runner_parcel_work, ch_p_text(w->subject)), &d->row)) {
        *ended = finish_unread(w);
        return false;
    }
    for (size_t i = 0; i < CH_COUNT(carriers); i++)
        if (col_is(d, "courier", carriers[i].code))
            d->carrier = &carriers[i];
    if (d->carrier == NULL) {
        *ended = finish_job(w, NULL, 0);
        return false;
    }
    d->form = open_order_form(w, col(d, "order_id"), ch_col_bytes(&d->row, w->a, 0, "form"));
    if (d->form == NULL)
        *ended = retry_job(w, "the form does not open");
    return d->form != NULL;
}

static enum end record_result(struct work *w, const char *said, const char *waybill, const char *why)
{
    const struct ch_call outcome =
        CH_CALL(&runner_parcel_result, ch_p_text(w->subject), ch_p_text(said), ch_p_text(waybill), ch_p_text(why));
    return finish_job(w, &outcome, 1);
}

/* --- ordering --- */

/* A member of the agent in the form, or of the holder. */
static const char *recipient_text(const struct job_data *d, const char *agent, const char *holder)
{
    const char *s = ch_json_text(d->form, agent);

    if (s == NULL) /* a natural person has no agent */
        s = ch_json_text(d->form, holder);
    return s != NULL ? s : "";
}

static struct ch_contact sender_contact(void)
{
    return (struct ch_contact){
        .company = ch_conf(CONF_BRAND_NAME),
        .name = ch_conf(CONF_SENDER_NAME),
        .mobile = ch_conf(CONF_SENDER_MOBILE),
        .province = ch_conf(CONF_SENDER_PROVINCE),
        .city = ch_conf(CONF_SENDER_CITY),
        .county = ch_conf(CONF_SENDER_COUNTY),
        .address = ch_conf(CONF_SENDER_ADDRESS),
    };
}

static bool read_receiver(struct work *w, const struct job_data *d, struct ch_contact *out)
{
    const char *region = ch_json_text(d->form, "mail_region"), *address = ch_json_text(d->form, "mail_address");
    const char *unit = ch_json_text(d->form, "unit_name");
    struct ch_rows path;

    if (region == NULL || address == NULL || !read_job(w, CH_CALL(&runner_region_path, ch_p_text(region)), &path))
        return false;
    *out = (struct ch_contact){
        .company = unit != NULL ? unit : "",
        .name = recipient_text(d, "agent_name", "holder_name"),
        .mobile = recipient_text(d, "agent_mobile", "holder_mobile"),
        .province = ch_col(&path, 0, "province"),
        .city = ch_col(&path, 0, "city"),
        .county = ch_col(&path, 0, "county"),
        .address = ch_printf(w->a, "%s%s", ch_col(&path, 0, "town"), address),
    };
    return true;
}

static enum end order_parcel(struct work *w, const struct job_data *d, const struct ch_parcel *parcel)
{
    struct ch_answer answer;
    struct ch_waybill waybill;

    if (d->carrier->order(w->a, &w->fault, parcel, &answer, &waybill) != CH_OK || answer.outcome == CH_UNKNOWN)
        return retry_job(w, "courier: no answer");
    if (answer.outcome == CH_REFUSED)
        return record_result(
            w, "refused", NULL,
            ch_printf(w->a, "%s（%s）", *answer.message != '\0' ? answer.message : "快递公司未接单", answer.code));
    if (*waybill.number == '\0')
        return retry_job(w, "the courier looks at the address by hand");
    return record_result(w, "ordered", waybill.number, NULL);
}

enum end job_parcel(struct work *w)
{
    struct job_data d;
    enum end ended;

    if (!read_parcel(w, &d, &ended))
        return ended;
    if (!col_is(&d, "state", "asked"))
        return finish_job(w, NULL, 0);
    struct ch_parcel parcel = {
        .order_id = col(&d, "number"),
        .sender = sender_contact(),
        .cargo = CARGO,
        .pay = col_is(&d, "payment", "prepaid") ? CH_COURIER_MONTHLY : CH_COURIER_COLLECT,
    };
    if (!read_receiver(w, &d, &parcel.receiver))
        return record_result(w, "refused", NULL, "申请表没有填写收件地址");
    return order_parcel(w, &d, &parcel);
}

/* --- cancelling --- */

/* True for the codes that say that the courier does not know the parcel, which then need not be cancelled. */
static bool is_unknown_parcel(const char *code)
{
    static const char *const codes[] = {"8018", "8024", "6150", "1003"};

    for (size_t i = 0; i < CH_COUNT(codes); i++)
        if (strcmp(code, codes[i]) == 0)
            return true;
    return false;
}

enum end job_parcel_cancel(struct work *w)
{
    struct ch_answer answer;
    struct job_data d;
    enum end ended;

    if (!read_parcel(w, &d, &ended))
        return ended;
    if (!col_is(&d, "state", "cancelling"))
        return finish_job(w, NULL, 0);
    if (d.carrier->cancel(w->a, &w->fault, col(&d, "number"), &answer) != CH_OK || answer.outcome == CH_UNKNOWN)
        return retry_job(w, "cancelling a parcel: no answer");
    if (answer.outcome == CH_ACCEPTED || is_unknown_parcel(answer.code))
        return record_result(w, "cancelled", NULL, NULL);
    return record_result(w, "kept", NULL, ch_printf(w->a, "快递公司不能取消：%s（%s）", answer.message, answer.code));
}

/* --- tracking --- */

/* The last state of the route that means something to the hall; NULL if there is none yet. */
static const char *state_reached(const struct ch_routes *routes)
{
    static const char *const words[] = {
        [CH_ROUTE_COLLECTED] = "collected", [CH_ROUTE_MOVING] = "moving", [CH_ROUTE_DELIVERING] = "delivering", [CH_ROUTE_SIGNED] = "signed"};
    const char *state = NULL;

    for (size_t i = 0; i < routes->n; i++)
        if (routes->steps[i].state != CH_ROUTE_OTHER)
            state = words[routes->steps[i].state];
    return state;
}

static const char *steps_json(struct ch_arena *a, const struct ch_routes *routes)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_array(&w, NULL);
    for (size_t i = 0; i < routes->n; i++) {
        const struct ch_route_step *s = &routes->steps[i];
        ch_jw_object(&w, NULL);
        ch_jw_text(&w, "at", s->time > 0 ? ch_rfc3339(a, s->time) : NULL);
        ch_jw_text(&w, "place", s->place);
        ch_jw_text(&w, "text", s->remark);
        ch_jw_end_object(&w);
    }
    ch_jw_end_array(&w);
    return ch_jw_done(&w);
}

enum end job_track(struct work *w)
{
    struct ch_answer answer;
    struct ch_routes routes;
    struct job_data d;
    enum end ended;

    w->most = MOST_LOOKS;
    if (!read_parcel(w, &d, &ended))
        return ended;
    if (!col_is(&d, "order_state", "shipped") || col(&d, "waybill") == NULL)
        return finish_job(w, NULL, 0);
    if (d.carrier->routes(w->a, &w->fault, col(&d, "waybill"), recipient_text(&d, "agent_mobile", "holder_mobile"),
                          &answer, &routes) != CH_OK ||
        answer.outcome != CH_ACCEPTED)
        return retry_job_in(w, "courier: no answer", back_off_ms(w->attempts));
    const char *state = state_reached(&routes);
    const struct ch_call outcome =
        CH_CALL(&runner_parcel_routes, ch_p_text(w->subject), ch_p_text(steps_json(w->a, &routes)), ch_p_text(state));
    if (state != NULL && strcmp(state, "signed") == 0)
        return finish_job(w, &outcome, 1);
    const struct ch_call calls[] = {CH_CALL(&runner_enter, ch_p_text("runner.track")), outcome};
    struct ch_rows rows[CH_COUNT(calls)];
    if (ch_db_run(w->db, w->a, &w->fault, calls, CH_COUNT(calls), rows) != CH_OK)
        return AGAIN;
    return await_job(w, "the parcel is under way", back_off_ms(w->attempts));
}
