/* SPDX-License-Identifier: Apache-2.0
 * The draft of a certificate's successor, or of those of several certificates of one unit. For the account that made the old order, the
 * draft begins with its whole form. Somebody else of the same unit gives the unit's code (and, for a holder's certificate, the holder's ID number), begins with the data that stand in
 * the certificate, and is authenticated by phone later. */
#include "core/order/successor.h"

#include "core/base/random.h"
#include "core/form/rule.h"
#include "core/order/project.h"
#include "successor_sql.h"

#include <string.h>

static const struct ch_field create_fields[] = {
    CH_IN_LIST(struct ch_successor_create_in, agreements, CH_REQUIRED, 0, 16, &ch_flow_agreement),
    CH_IN_TEXT(struct ch_successor_create_in, serial, CH_REQUIRED, 1, 64, ch_rule_serial),
    CH_IN_TEXT(struct ch_successor_create_in, code, CH_OPTIONAL, 1, 32, NULL),
    CH_IN_TEXT(struct ch_successor_create_in, holder_id, CH_OPTIONAL, 1, 32, NULL),
};
const struct ch_input ch_successor_create_body = CH_INPUT(struct ch_successor_create_in, create_fields);

/* A certificate that is to have a successor, and the form that it was made from. */
struct source {
    const char *certificate, *serial, *person, *cert_type, *order;
    int64_t item, years;
    bool own;
    const struct ch_json *form;
};

/* All of them, in the order of the body; `first` is the one whose form was filed last: the draft begins with its data. */
struct sources {
    struct source *list;
    const struct source *first;
    size_t n;
};

static struct ch_param typed_serials(struct ch_req *r)
{
    const struct ch_successor_create_in *in = r->in;
    const struct ch_successor_find_in *one = in->certificates.items;
    size_t n = in->serial != NULL ? 1 : in->certificates.n;
    const char **serials = ch_alloc_array(r->a, n, sizeof *serials);

    for (size_t i = 0; i < n; i++)
        serials[i] = ch_serial_bare(r->a, in->serial != NULL ? in->serial : one[i].serial);
    return ch_p_array(r->a, serials, n);
}

static struct ch_param certificates_of(struct ch_req *r, const struct sources *s)
{
    const char **ids = ch_alloc_array(r->a, s->n, sizeof *ids);

    for (size_t i = 0; i < s->n; i++)
        ids[i] = s->list[i].certificate;
    return ch_p_array(r->a, ids, s->n);
}

static enum ch_err read_source(struct ch_req *r, const struct ch_rows *rows, int row, struct source *out)
{
    struct ch_json *form;

    *out = (struct source){
        .certificate = ch_strdup(r->a, ch_col_text(rows, row, "certificate")),
        .serial = ch_strdup(r->a, ch_col_text(rows, row, "serial")),
        .person = ch_strdup(r->a, ch_col_text(rows, row, "person")),
        .cert_type = ch_strdup(r->a, ch_col_text(rows, row, "cert_type")),
        .order = ch_strdup(r->a, ch_col_text(rows, row, "order_id")),
        .item = ch_col_int(rows, row, "item"),
        .years = ch_col_int(rows, row, "years"),
        .own = ch_col_bool(rows, row, "own"),
    };
    enum ch_err e = ch_order_form(r, out->order, ch_col_bytes(rows, r->a, row, "form"), &form);
    out->form = form;
    return e;
}

static enum ch_err open_sources(struct ch_req *r, struct sources *out)
{
    const struct ch_successor_create_in *in = r->in;
    struct ch_rows rows;

    enum ch_err e = ch_run_row(
        r, CH_CALL(&successor_open_row, typed_serials(r), ch_p_text(r->module->name), ch_p_bool(in->code != NULL)), &rows);
    if (e != CH_OK)
        return e;
    *out = (struct sources){.list = ch_alloc_array(r->a, (size_t)rows.n, sizeof *out->list), .n = (size_t)rows.n};
    out->first = out->list;
    for (int row = 0; e == CH_OK && row < rows.n; row++) {
        e = read_source(r, &rows, row, &out->list[row]);
        if (e == CH_OK && strcmp(out->list[row].order, out->first->order) > 0)
            out->first = &out->list[row]; /* ids of orders grow with time */
    }
    return e;
}

/* A value of the old form. In an order of several certificates, the item of this certificate names its person. */
static const struct ch_json *old_value(const struct source *s, const char *name)
{
    const struct ch_json *items = ch_json_get(s->form, "items");
    const struct ch_json *item = items != NULL ? items->first : NULL;

    for (int64_t i = 1; item != NULL && i < s->item; i++)
        item = item->next;
    const struct ch_json *v = ch_json_get(item, name);
    return v != NULL ? v : ch_json_get(s->form, name);
}

static const char *old_text(const struct source *s, const char *name)
{
    const struct ch_json *v = old_value(s, name);
    return v != NULL && v->kind == CH_JSON_STRING ? v->text : NULL;
}

/* The attempt was counted when the source was opened. The answer does not tell which of the two values was wrong. */
static enum ch_err check_holder(struct ch_req *r, const struct source *s)
{
    const struct ch_successor_create_in *in = r->in;
    const char *holder = old_text(s, "holder_id");

    if (s->own || strcmp(s->person, "holder") != 0 ||
        (in->holder_id != NULL && holder != NULL && strcmp(in->holder_id, holder) == 0))
        return CH_OK;
    ch_wrong(r, "/code", "wrong", "与这张证书登记的信息不符，请核对单位代码和申请人身份证号码后重新输入。");
    return ch_fail(r, CH_E_INVALID, "not the holder");
}

/* True for a field that stands in the certificate, and so in the new one as well. */
static bool is_in_certificate(const char *name)
{
    static const char *const fixed[] = {"unit_name", "unit_doc_type", "unit_code", "holder_name", "holder_id"};

    for (size_t i = 0; i < CH_COUNT(fixed); i++)
        if (strcmp(fixed[i], name) == 0)
            return true;
    return false;
}

/* What a certificate has of its own among several in one form. */
static void put_item(struct ch_jw *w, const struct source *s)
{
    static const char *const members[] = {"holder_name", "holder_id", "holder_mobile", "holder_email"};
    const char *seal = old_text(s, "seal_name");

    ch_jw_object(w, NULL);
    ch_jw_text(w, "serial", s->serial);
    ch_jw_text(w, "cert_type", s->cert_type);
    ch_jw_int(w, "years", s->years); /* as many again, unless somebody chooses others */
    for (size_t i = 0; strcmp(s->person, "holder") == 0 && i < CH_COUNT(members); i++)
        if (old_text(s, members[i]) != NULL)
            ch_jw_text(w, members[i], old_text(s, members[i]));
    if (seal != NULL)
        ch_jw_text(w, "seal_name", seal);
    ch_jw_end_object(w);
}

static void put_items(struct ch_jw *w, const struct sources *s)
{
    ch_jw_array(w, "items");
    for (size_t i = 0; i < s->n; i++)
        put_item(w, &s->list[i]);
    ch_jw_end_array(w);
}

/* The form that the draft begins with: the old form's fields that this project asks for as well; all of them for the account
 * that filled them in, for others only those that stand in the certificate. What each of several certificates has of its own is
 * in its item, and no field of such a form (ch_form_check). */
static const char *first_form(struct ch_req *r, const struct ch_form_spec *spec, const struct sources *of)
{
    const struct source *s = of->first;
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    if (of->n > 1)
        put_items(&w, of);
    else
        ch_jw_text(&w, "cert_type", s->cert_type);
    for (size_t i = 0; i < spec->n; i++) {
        const char *name = spec->shown[i].field->name;
        const struct ch_json *v = old_value(s, name);
        if (strcmp(name, "items") == 0 || strcmp(name, "cert_type") == 0 || (of->n > 1 && ch_form_is_of_item(name)))
            continue;
        if (strcmp(name, "years") == 0 && s->years > 0)
            ch_jw_int(&w, name, s->years); /* as many again, unless somebody chooses others */
        else if (v != NULL && (s->own || is_in_certificate(name)))
            ch_jw_node(&w, name, v);
    }
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

/* The keyed hash of the typed code, by which the orders of a unit or a person are found. */
static struct ch_param code_hash(struct ch_req *r, const struct source *s)
{
    const struct ch_successor_create_in *in = r->in;
    unsigned char *hash = ch_alloc(r->a, CH_SHA256_BYTES);

    if (in->code == NULL)
        return ch_p_null();
    ch_blind(ch_ring(), strcmp(s->person, "natural") == 0 ? "person_id" : "unit_code", in->code, hash);
    return ch_p_bytes(CH_BYTES(hash, CH_SHA256_BYTES));
}

enum ch_err ch_successor_draft(struct ch_req *r, const char *id, const struct ch_call *more)
{
    const struct ch_successor_create_in *in = r->in;
    struct ch_form_spec spec;
    struct sources s;

    enum ch_err e = ch_project_spec(r, r->module->name, &spec);
    if (e == CH_OK)
        e = open_sources(r, &s);
    if (e == CH_OK)
        e = check_holder(r, s.first);
    if (e != CH_OK)
        return e;
    const char *form = first_form(r, &spec, &s);
    struct ch_json *begins;
    if (ch_json_parse(r->a, CH_BYTES(form, strlen(form)), &begins, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "own JSON unreadable");
    struct ch_call calls[2] = {
        CH_CALL(&successor_create_row, ch_p_text(id), ch_p_text(ch_order_number(r->a)), ch_p_text(r->module->name),
                certificates_of(r, &s), code_hash(r, s.first), ch_p_text(ch_flow_ticked(r->a, &in->agreements)),
                ch_p_bytes(ch_encrypt(ch_ring(), r->a, CH_ORDER_FORM, id, CH_BYTES(form, strlen(form)))),
                ch_p_text(ch_form_marks(r->a, ch_ring(), begins)), ch_flow_items(r, &spec, begins)),
    };
    if (more != NULL)
        calls[1] = *more;
    return ch_order_after(r, 201, id, calls, more != NULL ? 2 : 1);
}

enum ch_err ch_successor_create(struct ch_req *r)
{
    return ch_successor_draft(r, ch_uuid7(r->a), NULL);
}
