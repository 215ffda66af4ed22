/* SPDX-License-Identifier: Apache-2.0
 * The settings of an installation: a file of `key = value` lines, whose path is in CERTHALL_CONF. The keys, their defaults and
 * their meanings are one table, which the build makes from config.tbl and each vendor's vendor.tbl. With an unknown key or a
 * value of the wrong kind no program starts.
 * `certhall-admin config` prints the table; docs/operators.md is checked against it. */
#ifndef CH_BASE_CONFIG_H
#define CH_BASE_CONFIG_H

#include "core/base/defs.h"

enum ch_conf {
#define CH_CONF(sym, key, kind, def, doc) sym,
#include "core/base/config_all.tbl"
#undef CH_CONF
    CH_CONF__COUNT
};

enum ch_conf_kind { CH_CONF_TEXT, CH_CONF_INT, CH_CONF_BOOL };

struct ch_conf_row {
    const char *key;
    enum ch_conf_kind kind;
    const char *def;
    const char *doc;
};

/* Reads the file named by CERTHALL_CONF. False after printing to standard error what is wrong. Production and the sandbox exclude
 * each other. */
bool ch_config_load(void) CH_MUST;
/* Reads settings from a text instead, for tests. */
bool ch_config_parse(const char *text) CH_MUST;

/* The row of a setting in the table. */
const struct ch_conf_row *ch_conf_row(enum ch_conf key);
/* The value of a setting; never NULL, and valid until the process ends. */
const char *ch_conf(enum ch_conf key);
int64_t ch_conf_int(enum ch_conf key);
bool ch_conf_bool(enum ch_conf key);

#endif
