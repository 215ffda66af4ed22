/* SPDX-License-Identifier: Apache-2.0
 * Electronic seals and their use: made, read back, and refused in every way in which they can be wrong. */
#include "core/pki/ses.h"

#include "tests/unit/pki_make.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct ch_arena *a;
static struct pair maker, holder, stranger;

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    maker = make_cert(NULL, (struct wish){.name = "制章者", .usage = "critical,digitalSignature"});
    holder = make_cert(NULL, (struct wish){.name = "示范单位", .usage = "critical,digitalSignature,nonRepudiation"});
    stranger = make_cert(NULL, (struct wish){.name = "别人", .usage = "critical,digitalSignature"});
    return 0;
}

static int end(void **state)
{
    (void)state;
    free_pair(&maker);
    free_pair(&holder);
    free_pair(&stranger);
    ch_arena_free(a);
    return 0;
}

static struct ch_ses plan(void)
{
    return (struct ch_ses){.version = 4,
                           .vendor = "certhall",
                           .id = "440305000000101",
                           .type = CH_SES_UNIT,
                           .name = "示范单位",
                           .certs = {ch_cert_der(a, holder.cert)},
                           .n_certs = 1,
                           .created = NOON,
                           .start = NOON,
                           .end = NOON + 100 * DAY,
                           .picture_type = "PNG",
                           .picture = CH_LIT("picture"),
                           .width = 40,
                           .height = 40};
}

static struct ch_bytes seal_of(const struct ch_ses *s, const struct pair *by)
{
    struct ch_bytes seal, info = ch_ses_info(a, s);

    assert_non_null(info.p);
    assert_true(ch_ses_sign(a, info, by->cert, by->key, s->time_stamp, &seal));
    return seal;
}

static struct ch_bytes good_seal(void)
{
    struct ch_ses s = plan();

    return seal_of(&s, &maker);
}

static void what_is_made_is_read_back(void **state)
{
    (void)state;
    struct ch_ses s = plan(), read;

    for (s.version = 4; s.version <= 5; s.version++) {
        struct ch_bytes seal = seal_of(&s, &maker);
        assert_true(ch_ses_read(a, seal, &read));
        assert_int_equal(read.version, s.version);
        assert_string_equal(read.vendor, s.vendor);
        assert_string_equal(read.id, s.id);
        assert_string_equal(read.name, s.name);
        assert_int_equal(read.type, s.type);
        assert_int_equal(read.created, s.created);
        assert_int_equal(read.start, s.start);
        assert_int_equal(read.end, s.end);
        assert_string_equal(read.picture_type, "PNG");
        assert_memory_equal(read.picture.p, "picture", 7);
        assert_int_equal(read.width, 40);
        assert_int_equal(read.n_certs, 1);
        assert_true(ch_ses_may_use(&read, ch_cert_der(a, holder.cert)));
        assert_false(ch_ses_may_use(&read, ch_cert_der(a, stranger.cert)));
        assert_int_equal(ch_ses_verify(&read, NOON + DAY), CH_SES_GOOD);
    }
}

static void a_time_stamp_is_for_version_5(void **state)
{
    (void)state;
    struct ch_ses s = plan(), read;

    s.version = 5;
    s.time_stamp = CH_LIT("token");
    assert_int_equal(ch_ses_check(a, seal_of(&s, &maker), NOON + DAY, &read), CH_SES_GOOD);
    assert_memory_equal(read.time_stamp.p, "token", 5);
    s.version = 4;
    assert_int_equal(ch_ses_check(a, seal_of(&s, &maker), NOON + DAY, NULL), CH_SES_FORMAT);
}

static void holders_may_stand_in_it_by_digest(void **state)
{
    (void)state;
    struct ch_ses s = plan(), read;
    unsigned char digest[CH_SM3_BYTES];

    ch_sm3(ch_cert_der(a, holder.cert), digest);
    s.digests = true;
    s.certs[0] = CH_BYTES(digest, sizeof digest);
    assert_int_equal(ch_ses_check(a, seal_of(&s, &maker), NOON + DAY, &read), CH_SES_GOOD);
    assert_true(ch_ses_may_use(&read, ch_cert_der(a, holder.cert)));
    assert_false(ch_ses_may_use(&read, ch_cert_der(a, stranger.cert)));
}

/* The maker's certificate is not under the seal's signature (only its key counts): a change of it is for the chain to
 * find. */
static bool stands(struct ch_bytes seal)
{
    struct ch_ses s;

    if (ch_ses_check(a, seal, NOON + DAY, &s) != CH_SES_GOOD)
        return false;
    X509 *by = ch_ses_maker(&s);
    bool trusted = ch_alg_signed_verify(s.maker, X509_get0_pubkey(by)); /* it is signed by itself here */
    X509_free(by);
    return trusted;
}

static void every_changed_byte_is_refused(void **state)
{
    (void)state;
    struct ch_bytes seal = good_seal();
    unsigned char *spoilt = ch_alloc(a, seal.n);

    for (size_t i = 0; i < seal.n; i++) {
        memcpy(spoilt, seal.p, seal.n);
        spoilt[i] ^= 0x01;
        assert_false(stands(CH_BYTES(spoilt, seal.n)));
    }
    assert_true(stands(seal));
}

static void every_cut_is_refused(void **state)
{
    (void)state;
    struct ch_bytes seal = good_seal();

    for (size_t n = 0; n < seal.n; n++)
        assert_int_equal(ch_ses_check(a, CH_BYTES(seal.p, n), NOON + DAY, NULL), CH_SES_FORMAT);
    unsigned char *longer = ch_alloc(a, seal.n + 1);
    memcpy(longer, seal.p, seal.n);
    assert_int_equal(ch_ses_check(a, CH_BYTES(longer, seal.n + 1), NOON + DAY, NULL), CH_SES_FORMAT);
}

/* The parts of a seal, which the test puts together in other ways. */
static void take_apart(struct ch_bytes seal, struct ch_bytes parts[4])
{
    struct ch_der d = ch_der_open(seal), s = ch_der_enter(&d, CH_DER_SEQUENCE);

    parts[0] = ch_der_whole(&s, CH_DER_SEQUENCE);
    parts[1] = ch_der_whole(&s, CH_DER_OCTETS);
    parts[2] = ch_der_whole(&s, CH_DER_OID);
    parts[3] = ch_der_whole(&s, CH_DER_BITS);
    assert_true(ch_der_done(&s));
}

static void another_id_or_key_is_refused(void **state)
{
    (void)state;
    static const char *const ids[] = {"", "ALICE123@YAHOO.COM", "12345678123456789"};
    struct ch_bytes parts[4], sig;

    take_apart(good_seal(), parts);
    for (size_t i = 0; i < CH_COUNT(ids); i++) {
        assert_true(ch_sign(a, maker.key, ids[i], parts[0], &sig));
        parts[3] = ch_der_put_bits(a, sig);
        assert_int_equal(ch_ses_check(a, ch_der_wrap(a, CH_DER_SEQUENCE, parts, 4), NOON + DAY, NULL), CH_SES_SIGNATURE);
    }
    assert_true(ch_sign(a, stranger.key, NULL, parts[0], &sig));
    parts[3] = ch_der_put_bits(a, sig);
    assert_int_equal(ch_ses_check(a, ch_der_wrap(a, CH_DER_SEQUENCE, parts, 4), NOON + DAY, NULL), CH_SES_SIGNATURE);
    /* The seal is consistent but has another maker, which the check of the chain must find. */
    parts[1] = ch_der_put(a, CH_DER_OCTETS, ch_cert_der(a, stranger.cert));
    assert_int_equal(ch_ses_check(a, ch_der_wrap(a, CH_DER_SEQUENCE, parts, 4), NOON + DAY, NULL), CH_SES_GOOD);
}

static void a_named_algorithm_must_be_the_keys(void **state)
{
    (void)state;
    struct ch_bytes parts[4];

    take_apart(good_seal(), parts);
    parts[2] = ch_der_put(a, CH_DER_OID, CH_LIT("\x2a\x86\x48\xce\x3d\x04\x03\x02")); /* ecdsa-with-SHA256 */
    assert_int_equal(ch_ses_check(a, ch_der_wrap(a, CH_DER_SEQUENCE, parts, 4), NOON + DAY, NULL), CH_SES_SIGNATURE);
    parts[2] = ch_der_put(a, CH_DER_OID, CH_LIT("\x2a"));
    assert_int_equal(ch_ses_check(a, ch_der_wrap(a, CH_DER_SEQUENCE, parts, 4), NOON + DAY, NULL), CH_SES_SIGNATURE);
}

static void a_picture_of_another_seal_is_refused(void **state)
{
    (void)state;
    struct ch_ses other = plan();
    struct ch_bytes mine[4], theirs[4];

    other.picture = CH_LIT("another");
    take_apart(good_seal(), mine);
    take_apart(seal_of(&other, &maker), theirs);
    mine[0] = theirs[0];
    assert_int_equal(ch_ses_check(a, ch_der_wrap(a, CH_DER_SEQUENCE, mine, 4), NOON + DAY, NULL), CH_SES_SIGNATURE);
}

static void the_maker_must_be_one(void **state)
{
    (void)state;
    static const struct wish wishes[] = {
        {.name = "CA", .ca = true, .usage = "critical,keyCertSign,cRLSign"},
        {.name = "加密", .usage = "critical,keyEncipherment"},
        {.name = "过期", .usage = "critical,digitalSignature", .start = NOON - 20 * DAY, .end = NOON - DAY},
        {.name = "未生效", .usage = "critical,digitalSignature", .start = NOON + DAY, .end = NOON + 20 * DAY},
    };

    for (size_t i = 0; i < CH_COUNT(wishes); i++) {
        struct pair other = make_cert(NULL, wishes[i]);
        struct ch_ses s = plan();
        assert_int_equal(ch_ses_check(a, seal_of(&s, &other), NOON + 2 * DAY, NULL), CH_SES_MAKER);
        free_pair(&other);
    }
}

/* If it only runs out after it made the seal, the seal stays good. */
static void a_maker_that_ran_out_since(void **state)
{
    (void)state;
    struct pair old =
        make_cert(NULL, (struct wish){.name = "旧", .usage = "critical,digitalSignature", .end = NOON + DAY});
    struct ch_ses s = plan();

    assert_int_equal(ch_ses_check(a, seal_of(&s, &old), NOON + 50 * DAY, NULL), CH_SES_GOOD);
    free_pair(&old);
}

static void times_are_looked_at(void **state)
{
    (void)state;
    struct ch_ses s = plan();

    assert_int_equal(ch_ses_check(a, good_seal(), NOON - DAY, NULL), CH_SES_CREATED);
    assert_int_equal(ch_ses_check(a, good_seal(), NOON + 101 * DAY, NULL), CH_SES_EXPIRED);
    s.start = NOON + 10 * DAY;
    assert_int_equal(ch_ses_check(a, seal_of(&s, &maker), NOON + DAY, NULL), CH_SES_EARLY);
    s.end = NOON - DAY;
    s.start = NOON - 2 * DAY;
    assert_int_equal(ch_ses_check(a, seal_of(&s, &maker), NOON + DAY, NULL), CH_SES_CREATED);
}

static void nothing_is_made_of_what_does_not_fit(void **state)
{
    (void)state;
    static char long_name[300];
    struct ch_ses wrong[9];

    memset(long_name, 'x', sizeof long_name - 1);
    for (size_t i = 0; i < CH_COUNT(wrong); i++)
        wrong[i] = plan();
    wrong[0].version = 3;
    wrong[1].version = 6;
    wrong[2].id = "编号";
    wrong[3].name = "";
    wrong[4].name = long_name;
    wrong[5].n_certs = 0;
    wrong[6].picture = CH_BYTES("", 0);
    wrong[7].width = 301;
    wrong[8].end = wrong[8].start - 1;
    for (size_t i = 0; i < CH_COUNT(wrong); i++)
        assert_null(ch_ses_info(a, &wrong[i]).p);
    struct ch_ses s = plan();
    struct ch_bytes seal;
    assert_false(ch_ses_sign(a, ch_ses_info(a, &s), maker.cert, stranger.key, CH_BYTES(NULL, 0), &seal));
}

static void der_is_strict(void **state)
{
    (void)state;
    static const struct ch_bytes wrong[] = {
        CH_LIT("\x30\x81\x03\x02\x01\x05"),             /* a long length for a short one */
        CH_LIT("\x30\x80\x02\x01\x05\x00\x00"),         /* indefinite */
        CH_LIT("\x30\x04\x02\x02\x00\x05"),             /* an integer with a zero too many */
        CH_LIT("\x30\x03\x02\x01\x85"),                 /* negative */
        CH_LIT("\x30\x02\x02\x00"),                     /* of nothing */
        CH_LIT("\x30\x07\x02\x05\x01\x00\x00\x00\x00"), /* too large */
        CH_LIT("\x30\x04\x02\x01\x05\x05"),             /* something behind it */
        CH_LIT("\x31\x03\x02\x01\x05"),                 /* another tag */
    };
    struct ch_der good = ch_der_open(CH_LIT("\x30\x03\x02\x01\x05")), in = ch_der_enter(&good, CH_DER_SEQUENCE);

    assert_int_equal(ch_der_int(&in), 5);
    ch_der_leave(&good, &in);
    assert_true(ch_der_done(&good));
    for (size_t i = 0; i < CH_COUNT(wrong); i++) {
        struct ch_der d = ch_der_open(wrong[i]), inner = ch_der_enter(&d, CH_DER_SEQUENCE);
        ch_der_int(&inner);
        ch_der_leave(&d, &inner);
        assert_false(ch_der_done(&d));
    }
}

static void der_times_are_real(void **state)
{
    (void)state;
    static const char *const wrong[] = {"20260230000000Z", "20261301000000Z", "20260101240000Z",
                                        "2026010100000Z",  "20260101000000+", "2026010100000aZ"};
    struct ch_bytes good = ch_der_put_time(a, NOON);
    struct ch_der d = ch_der_open(good);

    assert_int_equal(ch_der_time(&d, CH_DER_TIME), NOON);
    for (size_t i = 0; i < CH_COUNT(wrong); i++) {
        d = ch_der_open(ch_der_put_text(a, CH_DER_TIME, wrong[i]));
        ch_der_time(&d, CH_DER_TIME);
        assert_true(d.bad);
    }
    d = ch_der_open(ch_der_put_text(a, CH_DER_UTC_TIME, "490101000000Z"));
    assert_int_equal(ch_der_time(&d, CH_DER_UTC_TIME), INT64_C(2493072000));
}

/* ---- its use ---- */

static struct ch_bytes use_of(struct ch_bytes seal, const struct pair *by, int64_t at)
{
    struct ch_bytes use;

    assert_true(
        ch_ses_use_sign(a, seal, CH_LIT("document"), "/Doc_0/Signs/Sign_0/Signature.xml", at, by->cert, by->key, &use));
    return use;
}

static enum ch_ses_verdict check_use(struct ch_bytes use, struct ch_bytes document)
{
    struct ch_ses_use u;

    return ch_ses_use_read(a, use, &u) ? ch_ses_use_verify(&u, document) : CH_SES_FORMAT;
}

static void a_use_is_checked(void **state)
{
    (void)state;
    struct ch_bytes use = use_of(good_seal(), &holder, NOON + DAY);
    struct ch_ses_use u;

    assert_int_equal(check_use(use, CH_LIT("document")), CH_SES_GOOD);
    assert_int_equal(check_use(use, CH_BYTES(NULL, 0)), CH_SES_GOOD);
    assert_int_equal(check_use(use, CH_LIT("document!")), CH_SES_DOCUMENT);
    assert_true(ch_ses_use_read(a, use, &u));
    assert_int_equal(u.time, NOON + DAY);
    assert_string_equal(u.property, "/Doc_0/Signs/Sign_0/Signature.xml");
    assert_string_equal(u.seal.name, "示范单位");
}

static void a_use_by_others_or_at_another_time_is_refused(void **state)
{
    (void)state;
    assert_int_equal(check_use(use_of(good_seal(), &stranger, NOON + DAY), CH_LIT("document")), CH_SES_SIGNER);
    assert_int_equal(check_use(use_of(good_seal(), &holder, NOON + 101 * DAY), CH_LIT("document")), CH_SES_EXPIRED);
    assert_int_equal(check_use(use_of(good_seal(), &holder, NOON - DAY), CH_LIT("document")), CH_SES_CREATED);
    struct pair old =
        make_cert(NULL, (struct wish){.name = "旧", .usage = "critical,digitalSignature", .end = NOON + DAY});
    struct ch_ses s = plan();
    s.certs[0] = ch_cert_der(a, old.cert);
    assert_int_equal(check_use(use_of(seal_of(&s, &maker), &old, NOON + 2 * DAY), CH_LIT("document")), CH_SES_SIGNER);
    free_pair(&old);
}

static void a_spoilt_use_is_refused(void **state)
{
    (void)state;
    struct ch_bytes use = use_of(good_seal(), &holder, NOON + DAY);
    unsigned char *spoilt = ch_alloc(a, use.n);

    for (size_t i = 0; i < use.n; i++) {
        memcpy(spoilt, use.p, use.n);
        spoilt[i] ^= 0x01;
        assert_int_not_equal(check_use(CH_BYTES(spoilt, use.n), CH_LIT("document")), CH_SES_GOOD);
    }
    for (size_t n = 0; n < use.n; n += 7)
        assert_int_equal(check_use(CH_BYTES(use.p, n), CH_LIT("document")), CH_SES_FORMAT);
}

/* Two of the form of 2014: a seal whose signature covers its certificate and algorithm too, and the reading of either. */
static void the_form_of_2014_is_read(void **state)
{
    (void)state;
    struct ch_bytes cert = ch_der_put(a, CH_DER_OCTETS, ch_cert_der(a, maker.cert));
    struct ch_bytes oid = ch_der_put(a, CH_DER_OID, OID_SM2_SM3), sig;
    struct ch_bytes header = CH_DER_JOIN(a, CH_DER_SEQUENCE, ch_der_put_text(a, CH_DER_IA5, "ES"), ch_der_put_int(a, 1),
                                         ch_der_put_text(a, CH_DER_IA5, "old"));
    struct ch_bytes certs = CH_DER_JOIN(a, CH_DER_SEQUENCE, ch_der_put(a, CH_DER_OCTETS, ch_cert_der(a, holder.cert)));
    struct ch_bytes property = CH_DER_JOIN(
        a, CH_DER_SEQUENCE, ch_der_put_int(a, 1), ch_der_put_text(a, CH_DER_UTF8, "旧印章"), certs,
        ch_der_put_text(a, CH_DER_UTC_TIME, "260601000000Z"), ch_der_put_text(a, CH_DER_UTC_TIME, "260601000000Z"),
        ch_der_put_text(a, CH_DER_UTC_TIME, "270601000000Z"));
    struct ch_bytes picture =
        CH_DER_JOIN(a, CH_DER_SEQUENCE, ch_der_put_text(a, CH_DER_IA5, "PNG"),
                    ch_der_put(a, CH_DER_OCTETS, CH_LIT("p")), ch_der_put_int(a, 40), ch_der_put_int(a, 40));
    struct ch_bytes info = CH_DER_JOIN(a, CH_DER_SEQUENCE, header, ch_der_put_text(a, CH_DER_IA5, "1"), property, picture);
    struct ch_ses s;

    assert_true(ch_sign(a, maker.key, NULL, CH_DER_JOIN(a, CH_DER_SEQUENCE, info, cert, oid), &sig));
    struct ch_bytes seal =
        CH_DER_JOIN(a, CH_DER_SEQUENCE, info, CH_DER_JOIN(a, CH_DER_SEQUENCE, cert, oid, ch_der_put_bits(a, sig)));
    assert_int_equal(ch_ses_check(a, seal, 1780300800, &s), CH_SES_GOOD);
    assert_int_equal(s.version, 1);
    assert_string_equal(s.name, "旧印章");
    assert_true(ch_sign(a, maker.key, NULL, info, &sig)); /* over the info alone: the way of version 4 */
    seal = CH_DER_JOIN(a, CH_DER_SEQUENCE, info, CH_DER_JOIN(a, CH_DER_SEQUENCE, cert, oid, ch_der_put_bits(a, sig)));
    assert_int_equal(ch_ses_check(a, seal, 1780300800, NULL), CH_SES_SIGNATURE);
}

/* Seals made by others, where CERTHALL_SEALS names a folder with them. */
static void seals_of_others_verify(void **state)
{
    (void)state;
    static const char *const names[] = {"UserV1", "UserV4", "UserV5", "UserV5_ts"};
    static unsigned char bytes[64 * 1024];
    const char *folder = getenv("CERTHALL_SEALS");
    struct ch_ses s;

    for (size_t i = 0; i < CH_COUNT(names); i++) {
        FILE *f = fopen(ch_printf(a, "%s/%s.esl", folder, names[i]), "rb");
        assert_non_null(f);
        size_t n = fread(bytes, 1, sizeof bytes, f);
        fclose(f);
        assert_true(ch_ses_read(a, CH_BYTES(bytes, n), &s));
        assert_true(ch_ses_signed(&s));
        /* The makers of the two of version 5 had run out when these were made. */
        assert_int_equal(ch_ses_verify(&s, s.created + DAY), s.version == 5 ? CH_SES_MAKER : CH_SES_GOOD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_made_is_read_back),
        cmocka_unit_test(a_time_stamp_is_for_version_5),
        cmocka_unit_test(holders_may_stand_in_it_by_digest),
        cmocka_unit_test(every_changed_byte_is_refused),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(another_id_or_key_is_refused),
        cmocka_unit_test(a_named_algorithm_must_be_the_keys),
        cmocka_unit_test(a_picture_of_another_seal_is_refused),
        cmocka_unit_test(the_maker_must_be_one),
        cmocka_unit_test(a_maker_that_ran_out_since),
        cmocka_unit_test(times_are_looked_at),
        cmocka_unit_test(nothing_is_made_of_what_does_not_fit),
        cmocka_unit_test(der_is_strict),
        cmocka_unit_test(der_times_are_real),
        cmocka_unit_test(a_use_is_checked),
        cmocka_unit_test(a_use_by_others_or_at_another_time_is_refused),
        cmocka_unit_test(a_spoilt_use_is_refused),
        cmocka_unit_test(the_form_of_2014_is_read),
        cmocka_unit_test(seals_of_others_verify), /* the last */
    };
    size_t n = CH_COUNT(tests) - (getenv("CERTHALL_SEALS") == NULL);

    return _cmocka_run_group_tests("pki_ses", tests, n, begin, end);
}
