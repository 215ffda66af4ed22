/* SPDX-License-Identifier: Apache-2.0
 * The file of profiles: read, and every row held against what an authority may choose. */
#include "core/pki/profile.h"

#include "core/base/codec.h"
#include "core/json/json.h"

#include <openssl/x509v3.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MOST (256 * 1024)
#define LONGEST 100 /* of any text, in characters */
#define SIGNING (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)
#define AUTHORITY (KU_KEY_CERT_SIGN | KU_CRL_SIGN)
#define ENCRYPTING (KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT | KU_KEY_AGREEMENT)

struct ch_profiles {
    struct ch_arena *a;
    const char *arc;
    struct ch_profile *row;
    size_t n;
};

/* What the reading functions share. */
struct reading {
    struct ch_profiles *to;
    struct ch_arena *a;
    struct ch_fault *f;
};

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

/* No serverAuth: nobody here looks whether a host name is the applicant's. */
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

static bool find_word(const struct word *list, const char *word, uint64_t *value)
{
    for (; list->word != NULL; list++)
        if (strcmp(list->word, word) == 0) {
            *value = list->value;
            return true;
        }
    return false;
}

/* A member of an object: what it is called, its kind, whether it must be there, and who reads it into the row. */
struct member {
    const char *name;
    enum ch_json_kind kind;
    bool must;
    bool (*read)(struct reading *r, const struct ch_json *node, const char *at, void *out);
};

static bool all_known(struct reading *r, const struct ch_json *object, const char *at, const struct member *m, size_t n)
{
    for (const struct ch_json *child = object->first; child != NULL; child = child->next) {
        bool known = false;
        for (size_t i = 0; i < n; i++)
            known = known || strcmp(m[i].name, child->key) == 0;
        if (!known)
            return wrong(r, ch_printf(r->a, "%s/%s", at, child->key), "no such member");
    }
    return true;
}

static bool read_object(struct reading *r, const struct ch_json *object, const char *at, const struct member *m,
                        size_t n, void *out)
{
    if (object->kind != CH_JSON_OBJECT)
        return wrong(r, at, "an object is wanted");
    if (!all_known(r, object, at, m, n))
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct ch_json *child = ch_json_get(object, m[i].name);
        const char *place = ch_printf(r->a, "%s/%s", at, m[i].name);
        if (child == NULL && m[i].must)
            return wrong(r, place, "it is missing");
        if (child != NULL && child->kind != m[i].kind)
            return wrong(r, place, "it is of another kind");
        if (child != NULL && !m[i].read(r, child, place, out))
            return false;
    }
    return true;
}

/* An OID: whole, or ".1.2" below the authority's arc. */
static const char *read_oid(struct reading *r, const struct ch_json *node, const char *at)
{
    const char *text = node->text[0] == '.' ? ch_printf(r->a, "%s%s", r->to->arc, node->text) : node->text;
    ASN1_OBJECT *o = strspn(text, "0123456789.") == strlen(text) ? OBJ_txt2obj(text, 1) : NULL;
    char again[128] = "";

    if (o != NULL)
        OBJ_obj2txt(again, sizeof again, o, 1);
    ASN1_OBJECT_free(o);
    if (text[0] != '\0' && strcmp(again, text) == 0) /* no leading zeros, no empty arcs */
        return ch_strdup(r->a, text);
    wrong(r, at, "no object identifier");
    return NULL;
}

static bool read_number(struct reading *r, const struct ch_json *node, const char *at, int most, int *out)
{
    int64_t n;

    if (!ch_json_node_int(node, &n) || n < 1 || n > most)
        return wrong(r, at, ch_printf(r->a, "a whole number from 1 to %d is wanted", most));
    *out = (int)n;
    return true;
}

static bool read_text(struct reading *r, const struct ch_json *node, const char *at, const char **out)
{
    size_t points;

    if (!ch_utf8(node->text, strlen(node->text), &points) || points < 1 || points > LONGEST)
        return wrong(r, at, ch_printf(r->a, "a text of 1 to %d characters is wanted", LONGEST));
    *out = ch_strdup(r->a, node->text);
    return true;
}

static bool read_word(struct reading *r, const struct ch_json *node, const char *at, const struct word *list,
                      uint64_t *out)
{
    if (node->kind == CH_JSON_STRING && find_word(list, node->text, out))
        return true;
    return wrong(r, at, "none of the words that are known here");
}

/* --- an attribute of the name --- */

static bool part_attribute(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    uint64_t nid;

    if (!read_word(r, node, at, attributes, &nid))
        return false;
    ((struct ch_name_part *)out)->attribute = (int)nid;
    return true;
}

static bool part_text(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    return read_text(r, node, at, &((struct ch_name_part *)out)->text);
}

static bool part_field(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    uint64_t offset;

    if (!read_word(r, node, at, fields, &offset))
        return false;
    ((struct ch_name_part *)out)->field = offset;
    return true;
}

static bool part_longest(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    return read_number(r, node, at, 64, &((struct ch_name_part *)out)->longest); /* what O, OU and CN take */
}

static bool read_part(struct reading *r, const struct ch_json *node, const char *at, struct ch_name_part *part)
{
    static const struct member members[] = {
        {"attribute", CH_JSON_STRING, true, part_attribute},
        {"text", CH_JSON_STRING, false, part_text},
        {"field", CH_JSON_STRING, false, part_field},
        {"longest", CH_JSON_NUMBER, false, part_longest},
    };

    if (!read_object(r, node, at, members, CH_COUNT(members), part))
        return false;
    bool text = part->text != NULL, field = ch_json_get(node, "field") != NULL;
    if (text == field)
        return wrong(r, at, "either text or field");
    if (field == (part->longest == 0))
        return wrong(r, at, "longest belongs to a field");
    return true;
}

/* --- a private extension --- */

static bool own_oid(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    const char *oid = read_oid(r, node, at);

    if (oid == NULL)
        return false;
    if (strncmp(oid, "2.5.29.", 7) == 0 || strncmp(oid, "1.3.6.1.5.5.7.", 14) == 0)
        return wrong(r, at, "an extension of RFC 5280 is not private");
    ((struct ch_private *)out)->oid = oid;
    return true;
}

static bool own_encoding(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    uint64_t encoding;

    if (!read_word(r, node, at, encodings, &encoding))
        return false;
    ((struct ch_private *)out)->encoding = (enum ch_encoding)encoding;
    return true;
}

static bool own_field(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    struct ch_private *own = out;
    uint64_t offset;

    own->id_hash = strcmp(node->text, "id_hash") == 0;
    if (own->id_hash)
        return true;
    if (!read_word(r, node, at, fields, &offset))
        return false;
    own->field = offset;
    return true;
}

static bool own_longest(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    return read_number(r, node, at, LONGEST, &((struct ch_private *)out)->longest);
}

static bool read_own(struct reading *r, const struct ch_json *node, const char *at, struct ch_private *own)
{
    static const struct member members[] = {
        {"oid", CH_JSON_STRING, true, own_oid},
        {"encoding", CH_JSON_STRING, true, own_encoding},
        {"field", CH_JSON_STRING, true, own_field},
        {"longest", CH_JSON_NUMBER, false, own_longest},
    };

    if (!read_object(r, node, at, members, CH_COUNT(members), own))
        return false;
    if ((own->encoding == CH_OCTETS) != own->id_hash)
        return wrong(r, at, "octets hold id_hash, and id_hash is octets");
    if (own->id_hash == (own->longest != 0))
        return wrong(r, at, "longest belongs to a text");
    return true;
}

/* --- a row --- */

static bool row_title(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    return read_text(r, node, at, &((struct ch_profile *)out)->title);
}

static bool row_name(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    struct ch_profile *p = out;
    size_t i = 0;

    if (node->count < 2 || node->count > CH_PROFILE_PARTS)
        return wrong(r, at, "two attributes at least, eight at most");
    for (const struct ch_json *part = node->first; part != NULL; part = part->next, i++)
        if (!read_part(r, part, ch_printf(r->a, "%s/%zu", at, i), &p->name[i]))
            return false;
    return true;
}

static bool row_usage(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    struct ch_profile *p = out;
    uint64_t bit;
    size_t i = 0;

    for (const struct ch_json *word = node->first; word != NULL; word = word->next, i++) {
        const char *place = ch_printf(r->a, "%s/%zu", at, i);
        if (!read_word(r, word, place, usages, &bit))
            return false;
        if ((p->key_usage & bit) != 0)
            return wrong(r, place, "it stands there twice");
        p->key_usage |= (uint32_t)bit;
    }
    return p->key_usage != 0 ? true : wrong(r, at, "a key is for something");
}

static bool row_extended(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    struct ch_profile *p = out;
    uint64_t nid;
    size_t n = 0;

    for (const struct ch_json *word = node->first; word != NULL; word = word->next, n++) {
        const char *place = ch_printf(r->a, "%s/%zu", at, n);
        if (!read_word(r, word, place, extended_usages, &nid))
            return false;
        for (size_t i = 0; i < n; i++)
            if (p->extended[i] == (int)nid)
                return wrong(r, place, "it stands there twice");
        p->extended[n] = (int)nid; /* there are fewer words than places */
    }
    return n > 0 ? true : wrong(r, at, "empty: leave it out");
}

static bool row_policy(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    return (((struct ch_profile *)out)->policy = read_oid(r, node, at)) != NULL;
}

static bool row_aia(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    (void)r, (void)at;
    ((struct ch_profile *)out)->aia = node->truth;
    return true;
}

static bool row_crl(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    (void)r, (void)at;
    ((struct ch_profile *)out)->crl = node->truth;
    return true;
}

static bool row_years(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    return read_number(r, node, at, 30, &((struct ch_profile *)out)->years);
}

static bool row_days(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    return read_number(r, node, at, 366, &((struct ch_profile *)out)->days);
}

static bool row_dual(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    return read_text(r, node, at, &((struct ch_profile *)out)->dual);
}

static bool row_private(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    struct ch_profile *p = out;
    size_t n = 0;

    if (node->count > CH_PROFILE_PARTS)
        return wrong(r, at, "eight at most");
    for (const struct ch_json *own = node->first; own != NULL; own = own->next, n++) {
        const char *place = ch_printf(r->a, "%s/%zu", at, n);
        if (!read_own(r, own, place, &p->own[n]))
            return false;
        for (size_t i = 0; i < n; i++)
            if (strcmp(p->own[i].oid, p->own[n].oid) == 0)
                return wrong(r, place, "this object identifier stands there twice");
        p->id_hash = p->id_hash || p->own[n].id_hash;
    }
    return true;
}

static const struct member row_members[] = {
    {"title", CH_JSON_STRING, true, row_title},
    {"name", CH_JSON_ARRAY, true, row_name},
    {"key_usage", CH_JSON_ARRAY, true, row_usage},
    {"extended_usage", CH_JSON_ARRAY, false, row_extended},
    {"policy", CH_JSON_STRING, false, row_policy},
    {"aia", CH_JSON_BOOL, false, row_aia},
    {"crl", CH_JSON_BOOL, false, row_crl},
    {"years", CH_JSON_NUMBER, false, row_years},
    {"days", CH_JSON_NUMBER, false, row_days},
    {"dual", CH_JSON_STRING, false, row_dual},
    {"private", CH_JSON_ARRAY, false, row_private},
};

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

/* The longest life of the kind, in years; 0: counted in days. */
static int most_years(const struct ch_profile *p)
{
    if (is_kind(p, "ocsp"))
        return 0;
    if (p->ca)
        return 30;
    return is_kind(p, "stamp") ? 10 : CH_LEAF_YEARS;
}

static bool usage_of_ca(const struct ch_profile *p)
{
    return p->ca && p->key_usage != AUTHORITY;
}

static bool usage_of_leaf(const struct ch_profile *p)
{
    return !p->ca && (p->key_usage & AUTHORITY) != 0;
}

static bool usage_of_signer(const struct ch_profile *p)
{
    return (is_kind(p, "ocsp") || is_kind(p, "stamp")) && p->key_usage != KU_DIGITAL_SIGNATURE;
}

static bool extended_of_ocsp(const struct ch_profile *p)
{
    return is_kind(p, "ocsp") && (!signs_statuses(p) || p->extended[1] != 0);
}

static bool extended_of_leaf(const struct ch_profile *p)
{
    return !is_kind(p, "ocsp") && signs_statuses(p);
}

static bool extended_of_ca(const struct ch_profile *p)
{
    return p->ca && p->extended[0] != 0;
}

static bool aia_of_authority(const struct ch_profile *p)
{
    return (p->ca || p->no_check || is_kind(p, "stamp")) && p->aia;
}

static bool crl_of_authority(const struct ch_profile *p)
{
    return (p->ca || p->no_check) && p->crl;
}

static bool life_in_years(const struct ch_profile *p)
{
    return most_years(p) > 0 && (p->days != 0 || p->years < 1 || p->years > most_years(p));
}

static bool life_in_days(const struct ch_profile *p)
{
    return most_years(p) == 0 && (p->years != 0 || p->days < 1);
}

static bool country_first(const struct ch_profile *p)
{
    const char *text = p->name[0].text;
    return p->name[0].attribute != NID_countryName || text == NULL || strlen(text) != 2 ||
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2;
}

static bool attribute_twice(const struct ch_profile *p)
{
    for (size_t i = 0; p->name[i].attribute != 0; i++)
        for (size_t k = 0; k < i; k++)
            if (p->name[k].attribute == p->name[i].attribute)
                return true;
    return false;
}

static bool dual_not_signing(const struct ch_profile *p)
{
    return p->dual != NULL && ((p->key_usage & SIGNING) == 0 || (p->key_usage & ENCRYPTING) != 0);
}

/* Where in the row, what is wrong, whether it is so. */
static const struct {
    const char *member, *what;
    bool (*broken)(const struct ch_profile *p);
} floor_rules[] = {
    {"key_usage", "a CA signs certificates and lists, and nothing else", usage_of_ca},
    {"key_usage", "only root and issuing sign certificates and lists", usage_of_leaf},
    {"key_usage", "this one signs, and nothing else", usage_of_signer},
    {"key_usage", "the signature half of a pair signs, and does not encrypt", dual_not_signing},
    {"extended_usage", "OCSPSigning alone", extended_of_ocsp},
    {"extended_usage", "only ocsp signs statuses", extended_of_leaf},
    {"extended_usage", "not in a CA's certificate", extended_of_ca},
    {"aia", "no status is told of the authority's own certificates", aia_of_authority},
    {"crl", "no list holds this kind", crl_of_authority},
    {"years", "the life of this kind: CAs to 30 years, stamp to 10, others to 5", life_in_years},
    {"days", "the life of this kind is counted in days", life_in_days},
    {"name", "the country comes first, a text of two capital letters", country_first},
    {"name", "an attribute stands there twice", attribute_twice},
};

static bool keep_floor(struct reading *r, const struct ch_profile *p, const char *at)
{
    for (size_t i = 0; i < CH_COUNT(floor_rules); i++)
        if (floor_rules[i].broken(p))
            return wrong(r, ch_printf(r->a, "%s/%s", at, floor_rules[i].member), floor_rules[i].what);
    return true;
}

/* --- the file --- */

static bool is_kind_word(const char *kind)
{
    size_t n = strlen(kind);
    return n >= 2 && n <= 32 && strspn(kind, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

static bool read_row(struct reading *r, const struct ch_json *node, const char *at, struct ch_profile *p)
{
    if (!is_kind_word(node->key))
        return wrong(r, at, "a kind is 2 to 32 small letters, digits, _");
    p->kind = ch_strdup(r->a, node->key);
    p->ca = is_kind(p, "root") || is_kind(p, "issuing");
    p->path_length = is_kind(p, "issuing") ? 0 : -1;
    p->no_check = is_kind(p, "ocsp");
    return read_object(r, node, at, row_members, CH_COUNT(row_members), p) && keep_floor(r, p, at);
}

/* The other half of each pair is there, and encrypts. */
static bool pairs_fit(struct reading *r)
{
    for (size_t i = 0; i < r->to->n; i++) {
        const struct ch_profile *p = &r->to->row[i];
        const struct ch_profile *other = p->dual != NULL ? ch_profile_find(r->to, p->dual) : NULL;
        if (p->dual != NULL && (other == NULL || (other->key_usage & ~(uint32_t)ENCRYPTING) != 0))
            return wrong(r, ch_printf(r->a, "/profiles/%s/dual", p->kind), "no kind that encrypts, and nothing else");
    }
    return true;
}

static bool all_there(struct reading *r)
{
    static const char *const kinds[] = {"institution", "holder", "natural", "root", "issuing", "ocsp", "stamp"};

    for (size_t i = 0; i < CH_COUNT(kinds); i++)
        if (ch_profile_find(r->to, kinds[i]) == NULL)
            return wrong(r, ch_printf(r->a, "/profiles/%s", kinds[i]), "it is missing");
    return true;
}

static bool file_arc(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    (void)out;
    r->to->arc = "";
    return (r->to->arc = read_oid(r, node, at)) != NULL;
}

static bool file_rows(struct reading *r, const struct ch_json *node, const char *at, void *out)
{
    (void)out;
    r->to->row = ch_alloc_array(r->a, node->count, sizeof *r->to->row);
    for (const struct ch_json *row = node->first; row != NULL; row = row->next)
        if (!read_row(r, row, ch_printf(r->a, "%s/%s", at, row->key), &r->to->row[r->to->n++]))
            return false;
    return all_there(r) && pairs_fit(r);
}

static bool read_file(struct reading *r, struct ch_bytes text)
{
    static const struct member members[] = {
        {"arc", CH_JSON_STRING, true, file_arc}, /* first: the rows' own OIDs lie below it */
        {"profiles", CH_JSON_OBJECT, true, file_rows},
    };
    struct ch_json *root;
    const char *key = NULL;
    enum ch_json_error e = ch_json_parse(r->a, text, &root, &key);

    if (e == CH_JSON_DUPLICATE)
        return wrong(r, "", ch_printf(r->a, "the member %s stands there twice", key));
    if (e != CH_JSON_OK)
        return wrong(r, "", "no JSON");
    return read_object(r, root, "", members, CH_COUNT(members), NULL);
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
    char *text = ch_alloc(a, FILE_MOST + 1);
    size_t n = in != NULL ? fread(text, 1, FILE_MOST + 1, in) : 0;
    enum ch_err e = n == 0 || n > FILE_MOST
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
        ch_arena_free(p->a); /* itself */
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
