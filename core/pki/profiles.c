/* SPDX-License-Identifier: Apache-2.0
 * Reads the file of profiles and checks every row against the rules that an authority may not change. */
#include "core/pki/profile.h"

#include "core/base/codec.h"
#include "core/json/json.h"

#include <openssl/x509v3.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (256 * 1024)
#define LONGEST 100          /* characters of any text */
#define LONGEST_ATTRIBUTE 64 /* characters of O, OU and CN (RFC 5280, appendix A) */
#define SIGNING (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)
#define AUTHORITY (KU_KEY_CERT_SIGN | KU_CRL_SIGN)
#define ENCRYPTING (KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT | KU_KEY_AGREEMENT)

struct ch_profiles {
    struct ch_arena *a;
    const char *arc;
    struct ch_profile *row;
    size_t n;
};

/* The state of reading a file. */
struct reading {
    struct ch_profiles *to;
    struct ch_arena *a;
    struct ch_fault *f;
};

/* Notes a mistake at that place; always false. */
static bool wrong(struct reading *r, const char *at, const char *what)
{
    ch_fault(r->f, CH_E_INVALID, "profiles: %s: %s", at, what);
    if (r->f != NULL && r->f->pointer[0] == '\0')
        snprintf(r->f->pointer, sizeof r->f->pointer, "%s", at);
    return false;
}

struct word {
    const char *word;
    uint64_t value;
};

// clang-format off
static const struct word usages[] = {
    {"digitalSignature", KU_DIGITAL_SIGNATURE}, {"nonRepudiation", KU_NON_REPUDIATION},
    {"keyEncipherment", KU_KEY_ENCIPHERMENT},   {"dataEncipherment", KU_DATA_ENCIPHERMENT},
    {"keyAgreement", KU_KEY_AGREEMENT},         {"keyCertSign", KU_KEY_CERT_SIGN},
    {"cRLSign", KU_CRL_SIGN},                   {NULL, 0},
};

/* serverAuth is not offered: the hall does not check whether an applicant controls a host name. */
static const struct word extended_usages[] = {
    {"clientAuth", NID_client_auth}, {"emailProtection", NID_email_protect}, {"OCSPSigning", NID_OCSP_sign}, {NULL, 0}};

static const struct word attributes[] = {
    {"C", NID_countryName},   {"ST", NID_stateOrProvinceName},     {"L", NID_localityName},
    {"O", NID_organizationName}, {"OU", NID_organizationalUnitName}, {"CN", NID_commonName},
    {"serialNumber", NID_serialNumber}, {"organizationIdentifier", NID_organizationIdentifier}, {NULL, 0}};

static const struct word fields[] = {
    {"unit_name", offsetof(struct ch_subject, unit_name)},
    {"unit_code", offsetof(struct ch_subject, unit_code)},
    {"business_name", offsetof(struct ch_subject, business_name)},
    {"person_name", offsetof(struct ch_subject, person_name)},
    {NULL, 0}};

static const struct word encodings[] = {
    {"printable", CH_PRINTABLE}, {"utf8", CH_UTF8}, {"ia5", CH_IA5}, {"octets", CH_OCTETS},
    {"identify_code_explicit", CH_IDENTIFY_EXPLICIT}, {"identify_code_implicit", CH_IDENTIFY_IMPLICIT}, {NULL, 0}};
// clang-format on

/* A value of the file and its JSON pointer. `node` is NULL for an optional member that is absent. */
struct place {
    const struct ch_json *node;
    const char *at;
};

#define REQUIRED true
#define OPTIONAL false

/* Refuses what is not an object, and an object with members other than `names`, which end with NULL. */
static bool check_members(struct reading *r, struct place object, const char *const *names)
{
    if (object.node->kind != CH_JSON_OBJECT)
        return wrong(r, object.at, "an object is wanted");
    for (const struct ch_json *child = object.node->first; child != NULL; child = child->next) {
        const char *const *name = names;
        while (*name != NULL && strcmp(*name, child->key) != 0)
            name++;
        if (*name == NULL)
            return wrong(r, ch_printf(r->a, "%s/%s", object.at, child->key), "no such member");
    }
    return true;
}

static bool read_member(struct reading *r, struct place object, const char *name, enum ch_json_kind kind, bool required,
                        struct place *out)
{
    *out = (struct place){ch_json_get(object.node, name), ch_printf(r->a, "%s/%s", object.at, name)};
    if (out->node == NULL)
        return !required || wrong(r, out->at, "it is missing");
    return out->node->kind == kind || wrong(r, out->at, "it is of another kind");
}

/* The i-th element of an array. */
static struct place element(struct reading *r, struct place array, const struct ch_json *node, size_t i)
{
    return (struct place){node, ch_printf(r->a, "%s/%zu", array.at, i)};
}

/* An OID: a whole one, or ".1.2" below the authority's arc. */
static bool read_oid(struct reading *r, struct place object, const char *name, bool required, const char **out)
{
    struct place p;

    if (!read_member(r, object, name, CH_JSON_STRING, required, &p))
        return false;
    if (p.node == NULL)
        return true;
    const char *text = p.node->text[0] == '.' ? ch_printf(r->a, "%s%s", r->to->arc, p.node->text) : p.node->text;
    ASN1_OBJECT *o = strspn(text, "0123456789.") == strlen(text) ? OBJ_txt2obj(text, 1) : NULL;
    char again[128] = "";

    if (o != NULL)
        OBJ_obj2txt(again, sizeof again, o, 1);
    ASN1_OBJECT_free(o);
    if (text[0] == '\0' || strcmp(again, text) != 0) /* it has a leading zero or an empty arc */
        return wrong(r, p.at, "no object identifier");
    *out = ch_strdup(r->a, text);
    return true;
}

/* An optional whole number from 1 to `most`. */
static bool read_number(struct reading *r, struct place object, const char *name, int most, int *out)
{
    struct place p;
    int64_t n;

    if (!read_member(r, object, name, CH_JSON_NUMBER, OPTIONAL, &p))
        return false;
    if (p.node == NULL)
        return true;
    if (!ch_json_node_int(p.node, &n) || n < 1 || n > most)
        return wrong(r, p.at, ch_printf(r->a, "a whole number from 1 to %d is wanted", most));
    *out = (int)n;
    return true;
}

static bool read_flag(struct reading *r, struct place object, const char *name, bool *out)
{
    struct place p;

    if (!read_member(r, object, name, CH_JSON_BOOL, OPTIONAL, &p))
        return false;
    *out = p.node != NULL && p.node->truth;
    return true;
}

static bool read_text(struct reading *r, struct place object, const char *name, bool required, const char **out)
{
    struct place p;
    size_t points;

    if (!read_member(r, object, name, CH_JSON_STRING, required, &p))
        return false;
    if (p.node == NULL)
        return true;
    if (!ch_utf8(p.node->text, strlen(p.node->text), &points) || points < 1 || points > LONGEST)
        return wrong(r, p.at, ch_printf(r->a, "a text of 1 to %d characters is wanted", LONGEST));
    *out = ch_strdup(r->a, p.node->text);
    return true;
}

static bool read_word(struct reading *r, struct place p, const struct word *list, uint64_t *out)
{
    for (; p.node->kind == CH_JSON_STRING && list->word != NULL; list++)
        if (strcmp(list->word, p.node->text) == 0) {
            *out = list->value;
            return true;
        }
    return wrong(r, p.at, "none of the words that are known here");
}

/* --- an attribute of the name --- */

static bool read_attribute(struct reading *r, struct place object, struct ch_name_part *part)
{
    static const char *const names[] = {"attribute", "text", "field", "longest", NULL};
    struct place attribute, field;
    uint64_t nid, offset;

    if (!check_members(r, object, names) || !read_member(r, object, "attribute", CH_JSON_STRING, REQUIRED, &attribute) ||
        !read_word(r, attribute, attributes, &nid) || !read_text(r, object, "text", OPTIONAL, &part->text) ||
        !read_member(r, object, "field", CH_JSON_STRING, OPTIONAL, &field))
        return false;
    part->attribute = (int)nid;
    if (field.node != NULL) {
        if (!read_word(r, field, fields, &offset))
            return false;
        part->field = offset;
    }
    if (!read_number(r, object, "longest", LONGEST_ATTRIBUTE, &part->longest))
        return false;
    if ((part->text != NULL) == (field.node != NULL))
        return wrong(r, object.at, "either text or field");
    if ((field.node != NULL) == (part->longest == 0))
        return wrong(r, object.at, "longest belongs to a field");
    return true;
}

static bool read_name(struct reading *r, struct place row, struct ch_profile *p)
{
    struct place name;
    size_t i = 0;

    if (!read_member(r, row, "name", CH_JSON_ARRAY, REQUIRED, &name))
        return false;
    if (name.node->count < 2 || name.node->count > CH_PROFILE_PARTS)
        return wrong(r, name.at, "two attributes at least, eight at most");
    for (const struct ch_json *part = name.node->first; part != NULL; part = part->next, i++)
        if (!read_attribute(r, element(r, name, part, i), &p->name[i]))
            return false;
    return true;
}

/* --- a private extension --- */

static bool read_private(struct reading *r, struct place object, struct ch_private *own)
{
    static const char *const names[] = {"oid", "encoding", "field", "longest", NULL};
    struct place encoding, field;
    uint64_t code, offset;

    if (!check_members(r, object, names) || !read_oid(r, object, "oid", REQUIRED, &own->oid))
        return false;
    if (strncmp(own->oid, "2.5.29.", 7) == 0 || strncmp(own->oid, "1.3.6.1.5.5.7.", 14) == 0)
        return wrong(r, ch_printf(r->a, "%s/oid", object.at), "an extension of RFC 5280 is not private");
    if (!read_member(r, object, "encoding", CH_JSON_STRING, REQUIRED, &encoding) ||
        !read_word(r, encoding, encodings, &code) || !read_member(r, object, "field", CH_JSON_STRING, REQUIRED, &field))
        return false;
    own->encoding = (enum ch_encoding)code;
    own->id_hash = strcmp(field.node->text, "id_hash") == 0;
    if (!own->id_hash) {
        if (!read_word(r, field, fields, &offset))
            return false;
        own->field = offset;
    }
    if (!read_number(r, object, "longest", LONGEST, &own->longest))
        return false;
    if ((own->encoding == CH_OCTETS) != own->id_hash)
        return wrong(r, object.at, "octets hold id_hash, and id_hash is octets");
    if (own->id_hash == (own->longest != 0))
        return wrong(r, object.at, "longest belongs to a text");
    return true;
}

static bool read_private_list(struct reading *r, struct place row, struct ch_profile *p)
{
    struct place list;
    size_t n = 0;

    if (!read_member(r, row, "private", CH_JSON_ARRAY, OPTIONAL, &list))
        return false;
    if (list.node == NULL)
        return true;
    if (list.node->count > CH_PROFILE_PARTS)
        return wrong(r, list.at, "eight at most");
    for (const struct ch_json *own = list.node->first; own != NULL; own = own->next, n++) {
        struct place place = element(r, list, own, n);
        if (!read_private(r, place, &p->own[n]))
            return false;
        for (size_t i = 0; i < n; i++)
            if (strcmp(p->own[i].oid, p->own[n].oid) == 0)
                return wrong(r, place.at, "this object identifier stands there twice");
        p->id_hash = p->id_hash || p->own[n].id_hash;
    }
    return true;
}

/* --- usages --- */

static bool read_key_usage(struct reading *r, struct place row, struct ch_profile *p)
{
    struct place list;
    uint64_t bit;
    size_t i = 0;

    if (!read_member(r, row, "key_usage", CH_JSON_ARRAY, REQUIRED, &list))
        return false;
    for (const struct ch_json *word = list.node->first; word != NULL; word = word->next, i++) {
        struct place place = element(r, list, word, i);
        if (!read_word(r, place, usages, &bit))
            return false;
        if ((p->key_usage & bit) != 0)
            return wrong(r, place.at, "it stands there twice");
        p->key_usage |= (uint32_t)bit;
    }
    return p->key_usage != 0 || wrong(r, list.at, "a key is for something");
}

static bool read_extended_usage(struct reading *r, struct place row, struct ch_profile *p)
{
    struct place list;
    uint64_t nid;
    size_t n = 0;

    if (!read_member(r, row, "extended_usage", CH_JSON_ARRAY, OPTIONAL, &list))
        return false;
    if (list.node == NULL)
        return true;
    for (const struct ch_json *word = list.node->first; word != NULL; word = word->next, n++) {
        struct place place = element(r, list, word, n);
        if (!read_word(r, place, extended_usages, &nid))
            return false;
        for (size_t i = 0; i < n; i++)
            if (p->extended[i] == (int)nid)
                return wrong(r, place.at, "it stands there twice");
        p->extended[n] = (int)nid; /* fits: there are fewer words than places */
    }
    return n > 0 || wrong(r, list.at, "empty: leave it out");
}

/* --- what an authority may not choose --- */

static bool is_kind(const struct ch_profile *p, const char *kind)
{
    return strcmp(p->kind, kind) == 0;
}

static bool signs_statuses(const struct ch_profile *p)
{
    for (size_t i = 0; p->extended[i] != 0; i++)
        if (p->extended[i] == NID_OCSP_sign)
            return true;
    return false;
}

static bool repeats_attribute(const struct ch_profile *p)
{
    for (size_t i = 0; p->name[i].attribute != 0; i++)
        for (size_t k = 0; k < i; k++)
            if (p->name[k].attribute == p->name[i].attribute)
                return true;
    return false;
}

static bool begins_with_country(const struct ch_profile *p)
{
    const char *text = p->name[0].text;
    return p->name[0].attribute == NID_countryName && text != NULL && strlen(text) == 2 &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2;
}

/* Checks a row against the rules that no authority may change. The first broken one is reported. */
static bool check_fixed_rules(struct reading *r, const struct ch_profile *p, const char *at)
{
    bool ocsp = is_kind(p, "ocsp"), seal = is_kind(p, "seal"), evidence = is_kind(p, "evidence"), leaf = !p->ca;
    int years = p->ca ? 30 : seal ? 10 : CH_LEAF_YEARS; /* longest validity, of "ocsp" in days */
    const struct {
        bool broken;
        const char *member, *what;
    } rules[] = {
        {p->ca && p->key_usage != AUTHORITY, "key_usage", "a CA signs certificates and lists, and nothing else"},
        {leaf && (p->key_usage & AUTHORITY) != 0, "key_usage", "only root and issuing sign certificates and lists"},
        {(ocsp || seal) && p->key_usage != KU_DIGITAL_SIGNATURE, "key_usage", "this one signs, and nothing else"},
        {p->dual != NULL && ((p->key_usage & SIGNING) == 0 || (p->key_usage & ENCRYPTING) != 0), "key_usage",
         "the signature half of a pair signs, and does not encrypt"},
        {ocsp && (!signs_statuses(p) || p->extended[1] != 0), "extended_usage", "OCSPSigning alone"},
        {!ocsp && signs_statuses(p), "extended_usage", "only ocsp signs statuses"},
        {p->ca && p->extended[0] != 0, "extended_usage", "not in a CA's certificate"},
        {(p->ca || ocsp || seal || evidence) && p->aia, "aia", "no status is told of the authority's own certificates"},
        {(p->ca || ocsp) && p->crl, "crl", "no list holds this kind"},
        {!ocsp && (p->days != 0 || p->years < 1 || p->years > years), "years",
         "the life of this kind: CAs to 30 years, seal to 10, others to 5"},
        {ocsp && (p->years != 0 || p->days < 1), "days", "the life of this kind is counted in days"},
        {!begins_with_country(p), "name", "the country comes first, a text of two capital letters"},
        {repeats_attribute(p), "name", "an attribute stands there twice"},
    };

    for (size_t i = 0; i < CH_COUNT(rules); i++)
        if (rules[i].broken)
            return wrong(r, ch_printf(r->a, "%s/%s", at, rules[i].member), rules[i].what);
    return true;
}

/* --- the file --- */

/* Reads the profile of one kind, which is the member's name. */
static bool read_profile(struct reading *r, struct place row, struct ch_profile *p)
{
    static const char *const names[] = {"title", "name",  "key_usage", "extended_usage", "policy",  "aia",
                                        "crl",   "years", "days",      "dual",           "private", NULL};
    const char *kind = row.node->key;
    size_t n = strlen(kind);

    if (n < 2 || n > 32 || strspn(kind, "abcdefghijklmnopqrstuvwxyz0123456789_") != n)
        return wrong(r, row.at, "a kind is 2 to 32 small letters, digits, _");
    p->kind = ch_strdup(r->a, kind);
    p->ca = is_kind(p, "root") || is_kind(p, "issuing");
    p->path_length = is_kind(p, "issuing") ? 0 : -1;
    p->no_check = is_kind(p, "ocsp");
    return check_members(r, row, names) && read_text(r, row, "title", REQUIRED, &p->title) && read_name(r, row, p) &&
           read_key_usage(r, row, p) && read_extended_usage(r, row, p) &&
           read_oid(r, row, "policy", OPTIONAL, &p->policy) && read_flag(r, row, "aia", &p->aia) &&
           read_flag(r, row, "crl", &p->crl) && read_number(r, row, "years", 30, &p->years) &&
           read_number(r, row, "days", 366, &p->days) && read_text(r, row, "dual", OPTIONAL, &p->dual) &&
           read_private_list(r, row, p) && check_fixed_rules(r, p, row.at);
}

/* The encryption certificate of each pair must have a kind of its own that does nothing but encrypt. */
static bool check_pairs(struct reading *r)
{
    for (size_t i = 0; i < r->to->n; i++) {
        const struct ch_profile *p = &r->to->row[i];
        const struct ch_profile *other = p->dual != NULL ? ch_profile_find(r->to, p->dual) : NULL;
        if (p->dual != NULL && (other == NULL || (other->key_usage & ~(uint32_t)ENCRYPTING) != 0))
            return wrong(r, ch_printf(r->a, "/profiles/%s/dual", p->kind), "no kind that encrypts, and nothing else");
    }
    return true;
}

static bool read_file(struct reading *r, struct ch_bytes text)
{
    static const char *const names[] = {"arc", "profiles", NULL};
    static const char *const kinds[] = {"institution", "holder", "natural", "root",
                                        "issuing",     "ocsp",   "seal",    "evidence"};
    struct place file = {.at = ""}, rows;
    struct ch_json *root;
    const char *key = NULL;
    enum ch_json_error e = ch_json_parse(r->a, text, &root, &key);

    if (e == CH_JSON_DUPLICATE)
        return wrong(r, "", ch_printf(r->a, "the member %s stands there twice", key));
    if (e != CH_JSON_OK)
        return wrong(r, "", "no JSON");
    file.node = root;
    r->to->arc = ""; /* the arc itself is below none */
    if (!check_members(r, file, names) || !read_oid(r, file, "arc", REQUIRED, &r->to->arc) ||
        !read_member(r, file, "profiles", CH_JSON_OBJECT, REQUIRED, &rows))
        return false;
    r->to->row = ch_alloc_array(r->a, rows.node->count, sizeof *r->to->row);
    for (const struct ch_json *row = rows.node->first; row != NULL; row = row->next) {
        struct place place = {row, ch_printf(r->a, "%s/%s", rows.at, row->key)};
        if (!read_profile(r, place, &r->to->row[r->to->n++]))
            return false;
    }
    for (size_t i = 0; i < CH_COUNT(kinds); i++)
        if (ch_profile_find(r->to, kinds[i]) == NULL)
            return wrong(r, ch_printf(r->a, "/profiles/%s", kinds[i]), "it is missing");
    return check_pairs(r);
}

enum ch_err ch_profiles_read(struct ch_bytes json, struct ch_profiles **out, struct ch_fault *f)
{
    struct ch_arena *a = ch_arena_new();
    struct reading r = {.to = CH_NEW(a, struct ch_profiles), .a = a, .f = f};

    r.to->a = a;
    if (read_file(&r, json)) {
        *out = r.to;
        return CH_OK;
    }
    ch_arena_free(a);
    return CH_E_INVALID;
}

enum ch_err ch_profiles_load(const char *path, struct ch_profiles **out, struct ch_fault *f)
{
    FILE *in = fopen(path, "re");
    struct ch_arena *a = ch_arena_new();
    char *text = ch_alloc(a, FILE_MAX + 1);
    size_t n = in != NULL ? fread(text, 1, FILE_MAX + 1, in) : 0;
    enum ch_err e = n == 0 || n > FILE_MAX
                        ? ch_fault(f, CH_E_INVALID, "profiles: %s cannot be read, or is too large", path)
                        : ch_profiles_read(CH_BYTES(text, n), out, f);

    if (in != NULL)
        fclose(in);
    ch_arena_free(a);
    return e;
}

void ch_profiles_free(struct ch_profiles *p)
{
    if (p != NULL)
        ch_arena_free(p->a); /* *p is in it */
}

const char *ch_profiles_arc(const struct ch_profiles *p)
{
    return p->arc;
}

const struct ch_profile *ch_profile_at(const struct ch_profiles *p, size_t i)
{
    return i < p->n ? &p->row[i] : NULL;
}

const struct ch_profile *ch_profile_find(const struct ch_profiles *p, const char *kind)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->row[i].kind, kind) == 0)
            return &p->row[i];
    return NULL;
}
