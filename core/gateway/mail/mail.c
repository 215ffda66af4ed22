/* SPDX-License-Identifier: Apache-2.0
 * Sending an e-mail through libcurl's SMTP client. */
#include "core/gateway/mail/mail.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/gateway/keys.h"
#include "core/gateway/mail/words.h"
#include "core/gateway/vendor.h"
#include "core/http/client.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MS 5000L
#define LONGEST_LINE 200
/* A dialogue has about a dozen replies, and each may take as long as a vendor's answer may (vendor_timeout_ms). The whole
 * dialogue may take this many times as long. */
#define WHOLE_TIMES 4

/* The last line that the server sent. */
struct reply {
    char line[LONGEST_LINE + 1];
};

static size_t keep_last_line(char *p, size_t size, size_t n, void *ctx)
{
    struct reply *r = ctx;
    size_t k = 0;

    for (; k < size * n && k < LONGEST_LINE && p[k] != '\r' && p[k] != '\n'; k++)
        r->line[k] = p[k] >= ' ' && p[k] <= '~' ? p[k] : '?';
    r->line[k] = '\0';
    return size * n;
}

static void check_curl(CURLcode rc)
{
    if (rc != CURLE_OK)
        abort(); /* out of memory: our options themselves are valid */
}

static struct curl_slist *append_line(struct curl_slist *list, const char *line)
{
    list = curl_slist_append(list, line);
    if (list == NULL)
        abort();
    return list;
}

static struct curl_slist *header_lines(struct ch_arena *a, const struct ch_mail *m)
{
    struct curl_slist *list = NULL;

    list = append_line(list, ch_printf(a, "Date: %s", ch_mail_date(a, ch_now_ms() / 1000)));
    const char *from = ch_mail_mailbox(a, ch_conf(CONF_BRAND_NAME), ch_conf(CONF_MAIL_FROM), strlen("From: "));
    list = append_line(list, ch_printf(a, "From: %s", from));
    list = append_line(list, ch_printf(a, "To: %s", ch_mail_mailbox(a, m->to_name, m->to, strlen("To: "))));
    list = append_line(list, ch_printf(a, "Subject: %s", ch_mail_words(a, m->subject, strlen("Subject: "))));
    list = append_line(list, ch_printf(a, "Message-ID: <%s>", m->message_id));
    return append_line(list, "Auto-Submitted: auto-generated");
}

static void add_text(curl_mime *mime, const char *text, const char *type)
{
    curl_mimepart *part = curl_mime_addpart(mime);

    check_curl(curl_mime_data(part, text, CURL_ZERO_TERMINATED));
    check_curl(curl_mime_type(part, type));
    check_curl(curl_mime_encoder(part, "base64"));
}

/* A multipart/mixed of the message, as text and perhaps as HTML, and of the files. */
static curl_mime *mime_of(struct ch_arena *a, CURL *h, const struct ch_mail *m)
{
    curl_mime *mixed = curl_mime_init(h), *forms = curl_mime_init(h);
    curl_mimepart *first = curl_mime_addpart(mixed);

    if (first == NULL || forms == NULL)
        abort();
    add_text(forms, m->text, "text/plain; charset=utf-8");
    if (m->html != NULL)
        add_text(forms, m->html, "text/html; charset=utf-8");
    check_curl(curl_mime_subparts(first, forms));
    check_curl(curl_mime_type(first, "multipart/alternative"));
    check_curl(curl_mime_headers(first, append_line(NULL, "Content-Disposition: inline"), 1));
    for (const struct ch_mail_file *file = m->files; file < m->files + m->files_n; file++) {
        curl_mimepart *part = curl_mime_addpart(mixed);
        check_curl(curl_mime_data(part, (const char *)file->bytes.p, file->bytes.n));
        check_curl(curl_mime_type(part, file->type));
        check_curl(curl_mime_encoder(part, "base64"));
        check_curl(curl_mime_headers(part, append_line(NULL, ch_mail_attachment(a, file->name)), 1));
    }
    return mixed;
}

/* Our name in EHLO: the setting or, by default, the host of our own address. An IP address is written as an address literal
 * (RFC 5321). */
static const char *helo_name(struct ch_arena *a)
{
    const char *set = ch_conf(CONF_MAIL_HELO), *host = strstr(ch_conf(CONF_ORIGIN), "://");

    if (*set != '\0' || host == NULL)
        return set;
    host = ch_strndup(a, host + 3, strcspn(host + 3, ":/"));
    return strspn(host, "0123456789.") == strlen(host) ? ch_printf(a, "[%s]", host) : host;
}

/* The URL for libcurl, which takes the name for EHLO from the path. */
static char *server_url(struct ch_arena *a)
{
    const char *url = ch_conf(CONF_MAIL_URL);
    size_t n = strlen(url);

    while (n > 0 && url[n - 1] == '/')
        n--;
    return ch_printf(a, "%.*s/%s", (int)n, url, ch_percent(a, helo_name(a)));
}

static void set_server(struct ch_arena *a, CURL *h, const char *password)
{
    long wait = (long)ch_conf_int(CONF_VENDOR_TIMEOUT);
    const char *ca = *ch_conf(CONF_MAIL_CA) != '\0' ? ch_conf(CONF_MAIL_CA) : ch_conf(CONF_VENDOR_CA);

    check_curl(curl_easy_setopt(h, CURLOPT_URL, server_url(a)));
    check_curl(curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "smtp,smtps"));
    check_curl(curl_easy_setopt(h, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL));
    check_curl(curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L));
    check_curl(curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L));
    check_curl(curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2));
    if (*ca != '\0')
        check_curl(curl_easy_setopt(h, CURLOPT_CAINFO, ca));
    check_curl(curl_easy_setopt(h, CURLOPT_PROXY, ""));
    check_curl(curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L));
    check_curl(curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, wait < CONNECT_MS ? wait : CONNECT_MS));
    check_curl(curl_easy_setopt(h, CURLOPT_SERVER_RESPONSE_TIMEOUT, wait > 1000 ? wait / 1000 : 1L));
    check_curl(curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, WHOLE_TIMES * wait));
    check_curl(curl_easy_setopt(h, CURLOPT_USERNAME, ch_conf(CONF_MAIL_USER)));
    check_curl(curl_easy_setopt(h, CURLOPT_PASSWORD, password));
}

/* Our word for failures of libcurl after which the last reply's code would mislead, because it belongs to an earlier command or
 * is about the connection; NULL for others. */
static const char *curl_failure(CURLcode rc)
{
    static const struct {
        CURLcode rc;
        const char *word;
    } words[] = {
        {CURLE_COULDNT_RESOLVE_HOST, "no_connection"},
        {CURLE_COULDNT_CONNECT, "no_connection"},
        {CURLE_USE_SSL_FAILED, "no_starttls"},
        {CURLE_REMOTE_ACCESS_DENIED, "no_answer"},
        {CURLE_PEER_FAILED_VERIFICATION, "tls_untrusted"},
        {CURLE_SSL_CONNECT_ERROR, "tls"},
        {CURLE_OPERATION_TIMEDOUT, "timeout"},
        {CURLE_GOT_NOTHING, "no_answer"},
    };
    for (size_t i = 0; i < CH_COUNT(words); i++)
        if (words[i].rc == rc)
            return words[i].word;
    return NULL;
}

static struct ch_answer read_outcome(struct ch_arena *a, CURLcode rc, long status, const struct reply *r)
{
    const char *word = curl_failure(rc);

    if (rc == CURLE_OK && status == 250)
        return (struct ch_answer){CH_ACCEPTED, "250", ch_strdup(a, r->line), ""};
    if (word != NULL || status < 400 || status > 599)
        return (struct ch_answer){CH_UNKNOWN, word != NULL ? word : "no_answer", curl_easy_strerror(rc), ""};
    enum ch_outcome outcome = status >= 500 ? CH_REFUSED : CH_UNKNOWN;
    return (struct ch_answer){outcome, ch_printf(a, "%ld", status), ch_strdup(a, r->line), ""};
}

static struct ch_answer send_message(struct ch_arena *a, const struct ch_mail *m, const char *password)
{
    struct reply reply = {""};
    long status = 0;

    ch_http_begin();
    CURL *h = curl_easy_init();
    if (h == NULL)
        abort();
    set_server(a, h, password);
    struct curl_slist *to = append_line(NULL, ch_printf(a, "<%s>", m->to)), *lines = header_lines(a, m);
    curl_mime *mime = mime_of(a, h, m);
    check_curl(curl_easy_setopt(h, CURLOPT_MAIL_FROM, ch_printf(a, "<%s>", ch_conf(CONF_MAIL_FROM))));
    check_curl(curl_easy_setopt(h, CURLOPT_MAIL_RCPT, to));
    check_curl(curl_easy_setopt(h, CURLOPT_HTTPHEADER, lines));
    check_curl(curl_easy_setopt(h, CURLOPT_MIMEPOST, mime));
    check_curl(curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, keep_last_line));
    check_curl(curl_easy_setopt(h, CURLOPT_HEADERDATA, &reply));
    CURLcode rc = curl_easy_perform(h);
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(h);
    curl_mime_free(mime);
    curl_slist_free_all(lines);
    curl_slist_free_all(to);
    return read_outcome(a, rc, status, &reply);
}

/* Reports the outcome to the circuit breaker. A 4xx about one mailbox says nothing against the server; only 421 is about the
 * server itself. The server's sentence is left out of what is recorded and logged, since it may name the recipient. */
static void report_outcome(const struct ch_answer *answer)
{
    struct ch_answer counted = {answer->outcome, answer->code, "", ""};

    if (counted.code[0] == '4' && strcmp(counted.code, "421") != 0)
        counted.outcome = CH_REFUSED;
    ch_vendor_report(CH_V_MAIL, &counted);
}

static enum ch_err check_settings(struct ch_fault *f, const char **password)
{
    const char *url = ch_conf(CONF_MAIL_URL);

    if (strncmp(url, "smtp://", 7) != 0 && strncmp(url, "smtps://", 8) != 0)
        return ch_fault(f, CH_E_INTERNAL, "mail: mail_url is neither smtp:// nor smtps://");
    if (!ch_mail_address(ch_conf(CONF_MAIL_FROM)) || *ch_conf(CONF_MAIL_USER) == '\0')
        return ch_fault(f, CH_E_INTERNAL, "mail: mail_from is not an address, or mail_user is empty");
    *password = ch_keys_secret(CONF_MAIL_PASSWORD);
    return *password != NULL ? CH_OK : ch_fault(f, CH_E_INTERNAL, "mail: no password");
}

enum ch_err ch_mail_send(struct ch_arena *a, struct ch_fault *f, const struct ch_mail *mail, struct ch_answer *answer)
{
    const char *password;
    enum ch_err e = check_settings(f, &password);

    if (e != CH_OK)
        return e;
    if (!ch_mail_address(mail->message_id))
        return ch_fault(f, CH_E_INTERNAL, "mail: the Message-ID is not of the form number@host");
    if (!ch_mail_address(mail->to)) {
        *answer = (struct ch_answer){CH_REFUSED, "bad_address", "not an e-mail address", ""};
    } else if (!ch_vendor_admits(CH_V_MAIL)) {
        *answer = (struct ch_answer){CH_UNKNOWN, "circuit_open", "the mail server is left alone for a while", ""};
    } else {
        *answer = send_message(a, mail, password);
        report_outcome(answer);
    }
    return CH_OK;
}
